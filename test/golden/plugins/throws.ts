function connect(): never {
  throw new Error('no database here');
}

export const connection: unknown = connect();
