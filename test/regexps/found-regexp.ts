/** A regular expression that meets text at run time. */
export interface FoundRegExp {
  /** `api/duration.ts:17`, or the file and path of a definition's field. */
  readonly where: string;
  readonly source: string;
  readonly flags: string;
}
