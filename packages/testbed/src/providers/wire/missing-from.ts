/** Ids of `left` that `right` lacks: results without a call, calls without a result. */
export function missingFrom(left: readonly string[], right: readonly string[]): readonly string[] {
  const known = new Set(right);
  return left.filter((id) => !known.has(id));
}
