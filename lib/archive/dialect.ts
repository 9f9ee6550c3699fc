/**
 * Functions that Athena (Trino) and DuckDB both have, by one name and with one meaning. Questions call no others, and
 * a test sees to it: a parser alone does not know which functions an engine has.
 *
 * Where the engines differ otherwise, questions are written so that it does not matter:
 * - `/` of whole numbers gives a whole number in Trino, and in DuckDB as {@link DuckDbArchive} sets it: to divide
 *   exactly, cast first.
 * - A broken number cast to a whole one is rounded half away from zero by Trino, half to even by DuckDB: `floor` first.
 * - `greatest` and `least` are null in Trino as soon as one of their arguments is, and not in DuckDB: `coalesce` these.
 * - Estimates (`approx_distinct`, `approx_percentile`) go by other names in DuckDB, and by other algorithms.
 * - Dates: the tables hold epoch seconds and days as text, so that no question needs a function of either.
 * - Neither engine promises an order without ORDER BY, nor sums of broken numbers that agree to the last bit.
 */
export const SHARED_FUNCTIONS: ReadonlySet<string> = new Set([
  'abs',
  'array_agg',
  'avg',
  'bool_and',
  'bool_or',
  'cast',
  'ceil',
  'coalesce',
  'concat',
  'count',
  'count_if',
  'dense_rank',
  'exp',
  'first_value',
  'floor',
  'greatest',
  'lag',
  'last_value',
  'lead',
  'least',
  'length',
  'ln',
  'lower',
  'max',
  'max_by',
  'min',
  'min_by',
  'mod',
  'ntile',
  'nullif',
  'power',
  'rank',
  'round',
  'row_number',
  'sqrt',
  'stddev_pop',
  'stddev_samp',
  'substr',
  'sum',
  'upper',
  'var_pop',
  'var_samp',
]);
