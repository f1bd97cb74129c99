/** A kind of product: its category, its noun, and the option in which its variants differ. */
export type Kind = {
  /** The category path, with slashes. */
  category: string;
  noun: string;
  /** From cheapest to dearest, in whole dollars. */
  dollars: [number, number];
  grams: number;
  /** Properties with the values that one of them may have. */
  properties: Record<string, readonly string[]>;
  option: Option | undefined;
};
type Option = { name: string; values: readonly string[] };

const option = (name: string, ...values: string[]): Option => ({ name, values });
const colours = option("colour", "Black", "White", "Sand", "Forest green", "Navy blue", "Brick red");
const sizes = option("size", "XS", "S", "M", "L", "XL");
const fabric = {
  material: ["Cotton", "Linen", "Merino wool", "Recycled polyester"],
  fit: ["Regular", "Slim", "Relaxed"],
};
const wood = { material: ["Oak", "Walnut", "Beech", "Ash"], finish: ["Oiled", "Lacquered", "Untreated"] };
const wireless = {
  connection: ["Bluetooth 5.3", "USB-C", "Wireless 2.4 GHz"],
  "battery life": ["12 h", "24 h", "40 h"],
};
const deskLight = { "light colour": ["2700 K", "3000 K", "4000 K"] };
const panels = { panel: ["IPS", "OLED", "VA"] };
const capacities = { capacity: ["0.8 l", "1.0 l"] };
const volumes = { volume: ["20 l", "35 l", "50 l"] };
const coatings = { coating: ["Ceramic", "Cast iron", "Steel"] };
const vents = { ventilation: ["12 vents", "18 vents"] };
const floorLight = { "light colour": ["2700 K", "3000 K"] };
const shoeSizes = option("size", "38", "40", "42", "44");
const switches = option("switches", "Linear", "Tactile", "Clicky");
const diagonals = option("diagonal", '24"', '27"', '32"');
const lengths = option("length", "140 cm", "180 cm", "220 cm");
const diameters = option("diameter", "20 cm", "24 cm", "28 cm");
const seasons = { persons: ["1", "2", "4"], season: ["3 seasons", "4 seasons"] };
const players = { players: ["2-4", "3-6"], age: ["6+", "10+", "14+"] };

const kind = (
  category: string,
  noun: string,
  dollars: Kind["dollars"],
  grams: number,
  properties: Kind["properties"],
  option?: Option,
): Kind => ({ category, noun, dollars, grams, properties, option });

/** The kinds of products of the demo shop. */
export const kinds: readonly Kind[] = [
  kind("Electronics/Audio/Headphones", "Headphones", [39, 349], 280, wireless, colours),
  kind("Electronics/Audio/Speakers", "Bluetooth Speaker", [29, 399], 900, wireless, colours),
  kind("Electronics/Audio/Turntables", "Turntable", [149, 899], 5200, { drive: ["Belt", "Direct"] }),
  kind("Electronics/Computing/Keyboards", "Mechanical Keyboard", [59, 229], 1100, wireless, switches),
  kind("Electronics/Computing/Mice", "Mouse", [19, 129], 120, wireless, colours),
  kind("Electronics/Computing/Monitors", "Monitor", [129, 999], 6100, panels, diagonals),
  kind("Electronics/Photography/Tripods", "Tripod", [39, 299], 1600, { material: ["Aluminium", "Carbon"] }),
  kind("Electronics/Photography/Camera Bags", "Camera Bag", [39, 189], 900, fabric, colours),
  kind("Home/Lighting/Desk Lamps", "Desk Lamp", [25, 179], 1200, deskLight, colours),
  kind("Home/Lighting/Floor Lamps", "Floor Lamp", [59, 349], 4800, floorLight, colours),
  kind("Home/Furniture/Chairs", "Chair", [79, 499], 6500, wood),
  kind("Home/Furniture/Tables", "Dining Table", [249, 1499], 38000, wood, lengths),
  kind("Home/Furniture/Shelves", "Bookshelf", [89, 599], 18000, wood),
  kind("Home/Textiles/Blankets", "Wool Blanket", [49, 219], 1300, fabric, colours),
  kind("Home/Textiles/Cushions", "Cushion", [15, 69], 450, fabric, colours),
  kind("Kitchen/Cookware/Pans", "Frying Pan", [25, 199], 1500, coatings, diameters),
  kind("Kitchen/Cookware/Pots", "Cooking Pot", [35, 289], 2600, { material: ["Steel", "Enamel", "Copper"] }),
  kind("Kitchen/Coffee/Grinders", "Coffee Grinder", [39, 349], 1700, { burrs: ["Steel", "Ceramic"] }),
  kind("Kitchen/Coffee/Kettles", "Gooseneck Kettle", [39, 199], 1100, capacities, colours),
  kind("Kitchen/Knives/Chef's Knives", "Chef's Knife", [35, 259], 240, {
    steel: ["VG-10", "X50CrMoV15", "AUS-8"],
  }),
  kind("Clothing/Women/Dresses", "Dress", [39, 229], 350, fabric, sizes),
  kind("Clothing/Women/Jackets", "Jacket", [79, 399], 900, fabric, sizes),
  kind("Clothing/Men/Shirts", "Shirt", [29, 149], 280, fabric, sizes),
  kind("Clothing/Men/Trousers", "Trousers", [39, 189], 480, fabric, sizes),
  kind("Clothing/Shoes/Sneakers", "Sneakers", [49, 199], 850, { sole: ["Rubber", "EVA"] }, shoeSizes),
  kind("Outdoor/Camping/Tents", "Tent", [99, 799], 2900, seasons),
  kind("Outdoor/Camping/Sleeping Bags", "Sleeping Bag", [59, 399], 1200, { filling: ["Down", "Synthetic"] }),
  kind("Outdoor/Hiking/Backpacks", "Backpack", [49, 289], 1300, volumes, colours),
  kind("Outdoor/Cycling/Helmets", "Bike Helmet", [39, 219], 320, vents, sizes),
  kind("Toys/Building/Blocks", "Building Blocks", [15, 99], 1400, { pieces: ["60", "120", "240"] }),
  kind("Toys/Games/Board Games", "Board Game", [19, 89], 1100, players),
  kind("Toys/Games/Puzzles", "Puzzle", [9, 49], 700, { pieces: ["500", "1000", "2000"] }),
];

const names = (text: string): readonly string[] => text.trim().split(/\s*,\s*/);

/** Makers that exist nowhere else. */
export const brands = names(`
  Aldermark, Brontide, Caldera, Driftwood & Co, Eastlight, Fjellhus, Granary, Halcyon, Ironbark, Juniper Lane, Kestrel,
  Lumen Works, Marrow, Northfold, Ossian, Pellucid, Quarry, Rook & Rye, Saltmarsh, Tidewater`);

/** The names of series. */
export const series = names(`
  Arbor, Basalt, Cirrus, Delta, Ember, Fathom, Glen, Harbour, Iris, Jetty, Kelp, Larch, Mistral, Nimbus, Orbit, Prairie,
  Quill, Ridge, Solace, Tundra, Umber, Vesper, Willow, Zephyr`);

/** A sentence of each description. */
export const praises = [
  "Made to be repaired, not replaced.",
  "Light enough to take along, sturdy enough to keep.",
  "Quiet design, honest materials.",
  "Tested for years of daily use.",
  "A favourite of the people who work here.",
  "Simple to set up, hard to wear out.",
] as const;
