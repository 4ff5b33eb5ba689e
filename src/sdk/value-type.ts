/** What is known of a value before any record is seen. Every value may be missing beside. */
export type ValueType = 'any' | 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object';
