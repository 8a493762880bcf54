/** Folds what is outside a closed list of label values into its `other`. */
export function fold<T extends string>(values: readonly T[], value: string): T | 'other' {
  return (values as readonly string[]).includes(value) ? (value as T) : 'other';
}
