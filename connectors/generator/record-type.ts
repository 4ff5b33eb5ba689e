import { types } from 'millrace/sdk';
import type { GeneratorConfig } from './config.ts';
import { FRAUD_KINDS } from './transactions/fraud-kinds.ts';

const { BOOLEAN, listOf, NUMBER, objectOf, objectType, STRING, textOf } = types;

const SEQUENCE = objectOf({ sequence: NUMBER });
const NAMED = objectOf({ name: STRING });
const WITH_ID = objectOf({ id: STRING });
const PLACE = objectOf({ city_name: STRING, country_iso_code: STRING, location: objectOf({ lat: NUMBER, lon: NUMBER }) });

const LINE = objectOf({ message: STRING, event: SEQUENCE, host: NAMED });

const REQUEST = objectOf({
  '@timestamp': STRING,
  event: SEQUENCE,
  host: NAMED,
  source: objectOf({ address: STRING }),
  url: objectOf({ original: STRING }),
  http: objectOf({
    request: objectOf({ method: STRING, 'referrer?': STRING }),
    response: objectOf({ status_code: NUMBER, body: objectOf({ bytes: NUMBER }) }),
  }),
  user_agent: objectOf({ original: STRING }),
});

const LABEL = objectOf({
  fraud: BOOLEAN,
  'kind?': textOf(...FRAUD_KINDS),
  'episode?': STRING,
  'part?': NUMBER,
  'parts?': NUMBER,
});

const TRANSACTION = objectOf({
  '@timestamp': STRING,
  event: SEQUENCE,
  transaction: WITH_ID,
  customer: WITH_ID,
  card: objectOf({ id: STRING, network: STRING }),
  merchant: objectOf({ id: STRING, name: STRING, category: STRING }),
  amount: NUMBER,
  currency: STRING,
  amount_eur: NUMBER,
  status: textOf('approved', 'declined'),
  'reason?': textOf('insufficient_funds', 'limit_exceeded', 'wrong_pin', 'wrong_cvc'),
  channel: textOf('pos', 'online', 'atm'),
  'device?': WITH_ID,
  'source?': objectOf({ ip: STRING }),
  geo: PLACE,
  'label?': LABEL,
});

const CUSTOMER = objectOf({
  id: STRING,
  name: STRING,
  home: PLACE,
  currency: STRING,
  cards: listOf(objectOf({ id: STRING, network: STRING, number: STRING })),
  devices: listOf(STRING),
  usual: objectOf({
    amount: NUMBER,
    by_category: objectType(new Map(), NUMBER),
    hours: objectOf({ from: NUMBER, to: NUMBER }),
  }),
});

const BY_KIND: Readonly<Record<GeneratorConfig['kind'], types.RecordType>> = {
  apache_combined: LINE,
  json: REQUEST,
  transactions: TRANSACTION,
  customers: CUSTOMER,
};

/** What the records of a kind are. */
export function recordType({ kind }: GeneratorConfig): types.RecordType {
  return BY_KIND[kind];
}
