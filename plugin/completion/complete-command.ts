/** Asked for by shells, and by kubectl; not in help. */
export const COMPLETE = '__complete';
