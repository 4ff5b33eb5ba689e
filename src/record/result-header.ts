/**
 * The header with the id of a result of a window or a join: a revision of it, or its withdrawal (a record without a value), has the same.
 * Stateless steps pass it on.
 */
export const RESULT_ID = 'millrace.id';

/** The header with the version of a result, in decimal digits, where results are revised: a revision has a higher one. */
export const RESULT_VERSION = 'millrace.version';

/** The header that says `early` of a result that is not final. */
export const RESULT_PANE = 'millrace.pane';
