import { z } from 'zod';

/** What a header can carry without quotes. */
export const HEADER_TEXT = /^[\x21-\x7e]+$/;

/** A secret that programs send in a header. */
export const headerSecret = () =>
  z
    .string()
    .min(16)
    .regex(HEADER_TEXT, 'expected printable ASCII without spaces, since it is sent in a header');
