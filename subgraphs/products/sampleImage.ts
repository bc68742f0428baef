import { createHash } from 'node:crypto';
import { seededRandom } from '../shared/seededRandom.js';
import type { SampleProduct } from './sampleProducts.js';

/** `<the first 16 hexadecimal digits of the content's SHA-256>.svg` */
export function sampleImageName(product: SampleProduct): string {
  return `${createHash('sha256').update(sampleImageSvg(product)).digest('hex').slice(0, 16)}.svg`;
}

/** A picture of about a kilobyte: colours and shapes from the id, the name below. */
export function sampleImageSvg({ id, category, name }: SampleProduct): string {
  const random = seededRandom(`image ${id}`);
  const hue = random.integer(0, 359);
  const shapes = Array.from({ length: 4 }, () => {
    const x = random.integer(60, 340);
    const y = random.integer(50, 230);
    const size = random.integer(30, 95);
    const fill = `hsl(${(hue + random.integer(20, 90)) % 360} 65% ${random.integer(45, 70)}%)`;
    return random.pick([
      `<circle cx="${x}" cy="${y}" r="${size}" fill="${fill}"/>`,
      `<rect x="${x - size}" y="${y - size}" width="${size * 2}" height="${size * 2}" rx="14" fill="${fill}"/>`,
      `<path d="M${x} ${y - size}l${size} ${size * 2}h${size * -2}z" fill="${fill}"/>`,
    ]);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" role="img" aria-label="${escapeXml(name)}">`,
    `<rect width="400" height="400" fill="hsl(${hue} 45% 92%)"/>`,
    `<g opacity=".8">${shapes.join('')}</g>`,
    `<text x="200" y="345" text-anchor="middle" font-family="sans-serif" font-size="20" fill="#222">${escapeXml(name)}</text>`,
    `<text x="200" y="372" text-anchor="middle" font-family="sans-serif" font-size="14" fill="#666">${escapeXml(category)}</text>`,
    '</svg>',
  ].join('');
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
