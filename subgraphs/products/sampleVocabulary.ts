import type { SampleCategory } from '../shared/sampleIds.js';

/** What the names, texts and prices of one category are made of. Twenty by twenty words give 400 names, of which 250 are used. */
export interface SampleVocabulary {
  readonly first: string;
  readonly second: string;
  readonly texts: readonly [string, string, string];
  /** In whole units of the currency. */
  readonly price: readonly [min: number, max: number];
}

/** Words are separated by `|`. `{name}` in a text is the product's name. */
export const SAMPLE_VOCABULARY: Readonly<Record<SampleCategory, SampleVocabulary>> = {
  books: {
    first:
      'The Silent|The Last|A Brief|The Hidden|The Long|Beyond the|The Glass|Winter|The Clockmaker’s|The Quiet|Under the|The Iron|Letters from the|The Salt|A Field Guide to the|The Paper|Northern|The Amber|Return to the|The Lost',
    second:
      'Harbor|Garden|Archive|River|Orchard|Lighthouse|Horizon|Atlas|Cartographer|Forest|Library|Voyage|Kingdom|Mountain|Season|Observatory|Bridge|Island|Night|Road',
    texts: [
      '“{name}” follows three generations of one family and the secret that ties them together. Paperback, 384 pages.',
      'A quiet, precise novel that stays with you. “{name}” was on the shortlist of four literary prizes. Hardcover, 296 pages.',
      'Richly illustrated and easy to read: “{name}” is the book to lend to friends and never get back. 448 pages.',
    ],
    price: [8, 42],
  },
  electronics: {
    first:
      'Aurora|Nimbus|Vertex|Pulse|Orbit|Echo|Lumen|Strato|Quanta|Zephyr|Cobalt|Halo|Onyx|Prisma|Volt|Drift|Nova|Tempo|Apex|Flux',
    second:
      'Wireless Headphones|Bluetooth Speaker|Mechanical Keyboard|4K Webcam|Portable SSD 1 TB|Smart Watch|USB-C Hub|Noise-Cancelling Earbuds|27-inch Monitor|E-Reader|Power Bank 20000|Wireless Charger|Gaming Mouse|Soundbar|Action Camera|Wi-Fi 6 Router|Tablet Stand|Dash Camera|Desk Microphone|Smart Plug',
    texts: [
      'The {name} does one thing very well and keeps doing it. Two years of warranty, spare parts for seven.',
      'Set up in a minute, quiet in use. The {name} comes with a braided cable and a recycled-paper box.',
      'Tested by people who use it all day: the {name} lasts, and can be repaired with one screwdriver.',
    ],
    price: [19, 449],
  },
  home_kitchen: {
    first:
      'Cast-Iron|Bamboo|Stoneware|Stainless|Copper|Glass|Ceramic|Oak|Enamelled|Linen|Marble|Nordic|Rustic|Compact|Professional|Vintage|Non-Stick|Hand-Thrown|Insulated|Everyday',
    second:
      'Frying Pan|Cutting Board|Mixing Bowl Set|Kettle|Saucepan|Storage Jar|Dinner Plate|Serving Spoon|Casserole|Tea Towel Set|Mortar and Pestle|Coffee Dripper|Butter Dish|Spice Rack|Chef’s Knife|Bread Bin|Baking Tray|Salad Bowl|Thermos|Measuring Cups',
    texts: [
      'The {name} that gets better with use. Goes into the dishwasher and, if it must, to your grandchildren.',
      'Solid, well balanced and easy to clean: the {name} for every day of the week.',
      'Made in a small workshop. Each {name} is checked by hand before it leaves.',
    ],
    price: [7, 139],
  },
  garden: {
    first:
      'Forged|Telescopic|Galvanised|Solar|Cedar|Long-Handled|Ergonomic|Terracotta|Folding|Heavy-Duty|Rainproof|Ash-Wood|Classic|Self-Watering|Lightweight|Stainless|Recycled|Three-Tier|Bee-Friendly|Frost-Proof',
    second:
      'Spade|Pruning Shears|Watering Can|Path Light|Raised Bed|Garden Fork|Hand Trowel|Planter|Garden Chair|Wheelbarrow|Hose Reel|Rake|Bird Feeder|Herb Pot Set|Hedge Trimmer|Cold Frame|Compost Bin|Plant Stand|Seed Collection|Kneeling Mat',
    texts: [
      'The {name} is made for people who are out in any weather. Ten years of guarantee against rust.',
      'Sits well in the hand and spares the back: a {name} for long afternoons.',
      'Simple, repairable, and made to stay outside. The {name} needs no care but a rinse.',
    ],
    price: [6, 189],
  },
  toys: {
    first:
      'Wooden|Magnetic|My First|Glow-in-the-Dark|Giant|Pocket|Musical|Rainbow|Dinosaur|Space|Jungle|Pirate|Farmyard|Arctic|Castle|Robot|Fairy-Tale|Ocean|Railway|Circus',
    second:
      'Building Blocks|Puzzle 100|Memory Game|Train Set|Stacking Rings|Marble Run|Play Tent|Sticker Book|Board Game|Plush Friend|Card Game|Craft Box|Puppet|Balance Game|Bath Set|Drawing Board|Dominoes|Science Kit|Night Lamp|Spinning Tops',
    texts: [
      'The {name} keeps small hands busy for hours, without a battery. From three years.',
      'Made of beech and water-based paint. The {name} has survived two kindergartens so far.',
      'Easy to learn, hard to put away: the {name} is for two to six players, big and small.',
    ],
    price: [5, 79],
  },
  sports: {
    first:
      'Trail|Summit|Alpine|Coastal|Sprint|Endurance|Pro|Flow|Ridge|Core|Swift|Granite|Velocity|Outdoor|Balance|Power|Glide|Storm|Active|Peak',
    second:
      'Yoga Mat|Running Belt|Dumbbell Pair|Climbing Chalk Bag|Jump Rope|Water Bottle|Hiking Poles|Resistance Bands|Swim Goggles|Bicycle Pump|Camping Stove|Sleeping Bag|Headlamp|Daypack 22 l|Foam Roller|Badminton Set|Ski Gloves|Dry Bag|Kettlebell|Tennis Balls',
    texts: [
      'Light where it can be, strong where it must be. The {name} has crossed the Alps more than once.',
      'The {name} stays where you put it, dries fast and packs small.',
      'For beginners and for those who have long stopped counting: the {name}.',
    ],
    price: [6, 219],
  },
  clothing: {
    first:
      'Organic-Cotton|Merino|Linen|Oversized|Slim-Fit|Waxed|Quilted|Striped|Relaxed|Cable-Knit|Corduroy|Flannel|Recycled|Lightweight|Double-Faced|Ribbed|Waterproof|Brushed|Garment-Dyed|Reversible',
    second:
      'T-Shirt|Sweater|Overshirt|Rain Jacket|Chinos|Hoodie|Cardigan|Scarf|Beanie|Denim Jacket|Polo Shirt|Summer Dress|Vest|Trousers|Parka|Socks 3-Pack|Turtleneck|Shorts|Work Shirt|Pyjamas',
    texts: [
      'The {name} is cut to be worn for years. Wash it at 30 degrees and forget the iron.',
      'Soft from the first day: our {name} comes from a mill that we visit twice a year.',
      'Not loud, not boring. The {name} goes with everything that you already have.',
    ],
    price: [12, 199],
  },
  shoes: {
    first:
      'Canvas|Leather|Suede|Trail|City|Alpine|Vegan|Waterproof|Retro|Minimal|Padded|Lined|Breathable|Wide-Fit|Featherlight|Rugged|Handmade|Seaside|Winter|Everyday',
    second:
      'Sneakers|Chelsea Boots|Running Shoes|Sandals|Loafers|Hiking Boots|Slippers|Derby Shoes|Rain Boots|Espadrilles|Clogs|Ankle Boots|Trainers|Moccasins|Desert Boots|Ballet Flats|Slip-Ons|Brogues|Walking Shoes|Snow Boots',
    texts: [
      'The {name} can be resoled, so the second pair is a long way off.',
      'No breaking in: the {name} fits from the first walk. Sizes 36 to 48.',
      'A wide toe box, a light sole, good grip on wet stone. The {name} goes far.',
    ],
    price: [24, 239],
  },
  beauty: {
    first:
      'Rosehip|Aloe|Calendula|Charcoal|Oat|Lavender|Citrus|Sea-Salt|Green-Tea|Almond|Shea|Chamomile|Mint|Argan|Honey|Cucumber|Cedarwood|Jojoba|Hibiscus|Unscented',
    second:
      'Face Cream|Hand Balm|Shampoo Bar|Body Lotion|Lip Balm|Bath Salts|Cleansing Gel|Hair Oil|Soap|Night Serum|Shaving Cream|Sun Milk SPF 50|Body Scrub|Toner|Deodorant Stick|Beard Oil|Face Mask|Foot Cream|Conditioner|Shower Gel',
    texts: [
      'Twelve ingredients, all of them on the front of the label. {name} for dry and sensitive skin.',
      'A little goes a long way: the {name} lasts for about four months.',
      'Without perfume or microplastics. Our {name} comes in glass, and we take the glass back.',
    ],
    price: [4, 64],
  },
  grocery: {
    first:
      'Organic|Stone-Ground|Smoked|Sicilian|Fair-Trade|Wild|Single-Origin|Wholegrain|Roasted|Sun-Dried|Aged|Raw|Spiced|Bavarian|Andalusian|Unsweetened|Slow-Cooked|Dark|Mountain|Traditional',
    second:
      'Olive Oil|Coffee Beans|Honey|Muesli|Tomato Sauce|Almonds|Black Tea|Chocolate Bar|Pasta|Lentils|Sea Salt|Apple Juice|Mustard|Peanut Butter|Rice|Vinegar|Paprika|Blackberry Jam|Oat Biscuits|Chickpeas',
    texts: [
      'The {name} comes straight from the people who make it. Keep it cool and dry.',
      'Tastes of what is in it. {name}, in a jar that you will want to keep.',
      'From last season’s harvest: our {name} sells out every year, usually in spring.',
    ],
    price: [2, 34],
  },
  office: {
    first:
      'Walnut|Felt|Dotted|Magnetic|Refillable|Weekly|Recycled|Adjustable|Leather|Brass|Minimal|Double-Sided|Soft-Touch|Transparent|Foldable|Heavyweight|Cork|Steel|Pocket|Executive',
    second:
      'Desk Organiser|Notebook A5|Fountain Pen|Planner|Monitor Riser|Pencil Set|Desk Lamp|Whiteboard|Paper Tray|Stapler|Desk Mat|Letter Opener|Sticky Notes|Document Folder|Bookends|Calendar|Pen Holder|Clipboard|Cable Box|Card Holder',
    texts: [
      'A tidy desk in one step: the {name} holds what usually lies around.',
      'The {name} looks as good on the last page as on the first.',
      'Made to be used every working day. Refills and parts for the {name} are always in stock.',
    ],
    price: [3, 129],
  },
  music: {
    first:
      'Maple|Studio|Travel|Concert|Beginner’s|Acoustic|Vintage|Semi-Hollow|Rosewood|Compact|Stage|Folk|Jazz|Silent|Tenor|Electro|Mahogany|Orchestral|Practice|Signature',
    second:
      'Guitar|Ukulele|Kalimba|Cajón|Harmonica|Tambourine|Audio Interface|Condenser Microphone|Music Stand|Guitar Strap|Metronome|Drum Sticks|Violin Bow|Recorder|Piano Bench|Tuner|Capo|Melodica|Bongo Pair|Studio Monitors',
    texts: [
      'The {name} is set up in our workshop and leaves it in tune.',
      'Warm, clear and forgiving: a {name} for the first song and for the thousandth.',
      'Small enough for the train, good enough for the stage. The {name} comes with a bag.',
    ],
    price: [6, 489],
  },
};
