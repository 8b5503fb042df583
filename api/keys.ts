// Labels and annotations that we write or read, each with who does.

/** On every generated object: the canary that it belongs to. Watches are limited to objects that have it. */
export const CANARY_LABEL = 'flagger.app/canary';

/**
 * On a target, written by the webhook with each change of its pod template: the revision that the change makes, who made
 * it and when. On a primary, written by the controller: the revision that its pod template was promoted from.
 */
export const REVISION_ANNOTATION = 'flagger.app/revision';
export const CHANGED_BY_ANNOTATION = 'flagger.app/changed-by';
export const CHANGED_AT_ANNOTATION = 'flagger.app/changed-at';

/** On every canary whose primary has taken its target's place: it goes only once the target serves again. Flagger's name for it. */
export const FINALIZER = 'finalizer.flagger.app';

/** On a Service or route that we apply: what of it is ours, as a digest, so that a field which is no longer ours is seen to be. */
export const MANIFEST_ANNOTATION = 'flagger.app/manifest';

/** On a ConfigMap or Secret, by its user: with a value that begins with `disable`, its changes start no release. */
export const CONFIG_TRACKING_ANNOTATION = 'flagger.app/config-tracking';

/** On the copy of a Secret: the uid of what it is a copy of, which its digest is keyed with. So the copy can be proved when that is gone. */
export const SOURCE_UID_ANNOTATION = 'flagger.app/source-uid';

/**
 * On the controllers' Lease: keys during whose work a controller died, as JSON, written by the one that leads; and deaths that others
 * report to it.
 */
export const QUARANTINE_ANNOTATION = 'flagger.app/quarantine';
export const DEATHS_ANNOTATION = 'flagger.app/deaths';
