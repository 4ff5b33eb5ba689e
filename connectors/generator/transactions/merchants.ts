import { mix } from '../mix.ts';
import { CATEGORIES, ONLINE } from './categories.ts';
import { CITIES, DISTRICTS } from './cities.ts';

export interface Merchant {
  readonly id: string;
  readonly name: string;
  readonly category: string;
}

/** Shops of each category in each district. */
const SHOPS = 3;
/** Merchants of each category that sell online, everywhere. */
const ONLINE_SHOPS = 20;
/** Merchants that fraudsters keep, all of them online. */
const BLOCKED = 5;

/** Numbers of the first merchant that sells online, and of the first that is to be blocked. */
const FIRST_ONLINE = 50_000;
const FIRST_BLOCKED = 60_000;

const NAMES = (
  'Linden, Harbour, Old Mill, Sunrise, Castle, Riverside, Golden, Corner, Northern, Park, Station, Silver, ' +
  'Market Square, Green, Bridge, Royal, Little, Hillside, Meadow, Lighthouse, Orchard, Union, Central, Blue'
).split(', ');
const KINDS: Readonly<Record<string, string>> = {
  grocery: 'Grocers',
  fuel: 'Filling Station',
  restaurant: 'Kitchen',
  pharmacy: 'Pharmacy',
  clothing: 'Clothing',
  electronics: 'Electronics',
  entertainment: 'Theatre',
  travel: 'Travel',
  cash: 'Bank',
  online: 'Store',
  digital: 'Media',
};

const SHOPS_IN_PLACES: readonly Merchant[] = CITIES.flatMap((_, city) =>
  Array.from({ length: DISTRICTS * CATEGORIES.length * SHOPS }, (_none, i) => {
    const number = city * DISTRICTS * CATEGORIES.length * SHOPS + i;
    return merchantOf(number, Math.floor(i / SHOPS) % CATEGORIES.length, '');
  }),
);

const SHOPS_ONLINE: readonly Merchant[] = CATEGORIES.flatMap((_, category) =>
  Array.from({ length: ONLINE_SHOPS }, (_none, i) => merchantOf(FIRST_ONLINE + category * ONLINE_SHOPS + i, category, ' Online')),
);

/** Merchants that no honest transaction is with. */
const BLOCKED_MERCHANTS: readonly Merchant[] = Array.from({ length: BLOCKED }, (_, i) =>
  merchantOf(FIRST_BLOCKED + i, ONLINE, ' Online'),
);

/** The ids that belong on a blocklist for the kind of fraud `blocked_merchant`: `m-60000` to `m-60004`. */
export const BLOCKED_MERCHANT_IDS: readonly string[] = BLOCKED_MERCHANTS.map(({ id }) => id);

/** A shop of a category in a district; `unit` is a number in [0, 1). */
export function shopIn(city: number, district: number, category: number, unit: number): Merchant {
  const first = ((city * DISTRICTS + district) * CATEGORIES.length + category) * SHOPS;
  return SHOPS_IN_PLACES[first + Math.floor(unit * SHOPS)] as Merchant;
}

export function shopOnline(category: number, unit: number): Merchant {
  return SHOPS_ONLINE[category * ONLINE_SHOPS + Math.floor(unit * ONLINE_SHOPS)] as Merchant;
}

export function blockedMerchant(unit: number): Merchant {
  return BLOCKED_MERCHANTS[Math.floor(unit * BLOCKED)] as Merchant;
}

function merchantOf(number: number, category: number, suffix: string): Merchant {
  const { name } = CATEGORIES[category] as { name: string };
  return {
    id: `m-${String(number).padStart(5, '0')}`,
    name: `${NAMES[mix(7, number) % NAMES.length]} ${KINDS[name]}${suffix}`,
    category: name,
  };
}
