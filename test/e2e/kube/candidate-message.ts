/** What a candidate tells of itself. */
export type CandidateMessage =
  | { readonly kind: 'leads'; readonly holder: string }
  /** A write was not done: not sent, as the fence held it back; refused by the API server; or who knows, without an answer. */
  | { readonly kind: 'refused'; readonly by: 'fence' | 'server' | 'nobody'; readonly reason: string }
  | { readonly kind: 'ends'; readonly why: 'told' | 'lost' };

/** What happens to a candidate's clocks: its time of day is set, or its steady clock leaps forth. */
export interface ClockJump {
  readonly clock: 'date' | 'steady';
  readonly ms: number;
}
