/** What the screen can show. */
export interface Look {
  readonly columns: number;
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
}

/** What a colour stands for. */
export type Tone = 'good' | 'bad' | 'attention' | 'active' | 'faint' | 'strong';

/** Select Graphic Rendition of ECMA-48, from and to; each has its own end, so that they can stand in each other. */
const CODES: Readonly<Record<Tone, readonly [number, number]>> = {
  good: [32, 39],
  bad: [31, 39],
  attention: [33, 39],
  active: [36, 39],
  faint: [2, 22],
  strong: [1, 22],
};

/** Signs for the eye: what they say is said in words too. */
const GLYPHS = {
  done: ['✔', '+'],
  failed: ['✖', 'x'],
  current: ['▶', '>'],
  ahead: ['·', '-'],
  waits: ['◷', '?'],
  unknown: ['?', '?'],
  more: ['…', '...'],
  becomes: ['→', '->'],
  full: ['█', '#'],
  empty: ['░', '.'],
  branch: ['├─', '|-'],
  lastBranch: ['└─', '`-'],
  trunk: ['│', '|'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

export type Glyph = keyof typeof GLYPHS;

/** The text in a colour, where there are colours. */
export function toned({ hasColor }: Pick<Look, 'hasColor'>, tone: Tone | undefined, text: string): string {
  if (!hasColor || tone === undefined || text === '') return text;
  const [from, to] = CODES[tone];
  return `\u001B[${from}m${text}\u001B[${to}m`;
}

export function glyph({ hasUnicode }: Pick<Look, 'hasUnicode'>, name: Glyph): string {
  return GLYPHS[name][hasUnicode ? 0 : 1];
}
