import { type Image, imageNames, type ProgramFile, parseReference, resolveImage } from '../images.ts';
import { type BackOff, IMAGE_PULL, nextBackOff } from './back-off.ts';
import type { EventRecorder } from './events.ts';
import type { Container, Pod } from './pod.ts';

export type PullReason = 'ErrImagePull' | 'ImagePullBackOff' | 'ErrImageNeverPull' | 'InvalidImageName';

/** Why a container has no image; `reason` and the message are what its status says while it waits. */
export class ImagePullError extends Error {
  override readonly name = 'ImagePullError';
  readonly reason: PullReason;
  /** When to try again: another pull, or the notice that pulls have been put off. */
  readonly retryAt: number;

  constructor(reason: PullReason, message: string, retryAt: number) {
    super(message);
    this.reason = reason;
    this.retryAt = retryAt;
  }
}

export interface PulledImage {
  readonly image: Image;
  /** As the pod's status names it. */
  readonly names: { readonly image: string; readonly imageID: string };
}

interface FailedPull {
  readonly backOff: BackOff;
  readonly message: string;
}

/** A failed pull is followed, a moment later, by the notice that the next one has been put off. */
const NOTICE_MS = 2000;

/**
 * "Pulls" images for one pod: there is no registry, but an image that the sandbox does not have fails just as it would
 * on a node. `present` holds the images that some pod of this node has used before.
 */
export class ImagePuller {
  readonly #programFile: ProgramFile;
  readonly #present: Set<string>;
  readonly #events: EventRecorder;
  readonly #failed = new Map<string, FailedPull>();

  constructor(programFile: ProgramFile, present: Set<string>, events: EventRecorder) {
    this.#programFile = programFile;
    this.#present = present;
    this.#events = events;
  }

  /** Whether a container of this image is no process at all. */
  isInstant(reference: string | undefined): boolean {
    return resolveImage(reference ?? '', this.#programFile)?.kind === 'instant';
  }

  /** Throws an ImagePullError. */
  pull(pod: Pod, container: Container, now: number): PulledImage {
    const reference = container.image ?? '';
    const event = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
      this.#events.container(pod, container.name, type, reason, message);
    const parsed = parseReference(reference);
    if (parsed === undefined) {
      const message = `Failed to apply default image tag "${reference}": couldn't parse image name "${reference}": invalid reference format`;
      event('Warning', 'InspectFailed', message);
      event('Warning', 'Failed', 'Error: InvalidImageName');
      throw new ImagePullError('InvalidImageName', message, now + IMAGE_PULL.initialMs);
    }
    const names = imageNames(parsed);
    const image = resolveImage(reference, this.#programFile);
    if (image?.kind === 'instant') return { image, names };

    const present = image !== undefined && this.#present.has(names.image);
    const policy = container.imagePullPolicy ?? (parsed.tag === 'latest' ? 'Always' : 'IfNotPresent');
    if (image !== undefined && present && policy !== 'Always') {
      event(
        'Normal',
        'Pulled',
        `Container image "${reference}" already present on machine and can be accessed by the pod`,
      );
      return { image, names };
    }
    if (policy === 'Never' && !present) {
      const message = `Container image "${reference}" is not present with pull policy of Never`;
      event('Warning', 'ErrImageNeverPull', message);
      event('Warning', 'Failed', 'Error: ErrImageNeverPull');
      throw new ImagePullError('ErrImageNeverPull', message, now + IMAGE_PULL.initialMs);
    }

    const failed = this.#failed.get(reference);
    const until = failed === undefined ? 0 : failed.backOff.lastFailure + failed.backOff.delayMs;
    if (failed !== undefined && now < until) {
      event('Normal', 'BackOff', `Back-off pulling image "${reference}"`);
      event('Warning', 'Failed', 'Error: ImagePullBackOff');
      const message = `Back-off pulling image "${reference}": ErrImagePull: ${failed.message}`;
      throw new ImagePullError('ImagePullBackOff', message, until);
    }
    event('Normal', 'Pulling', `Pulling image "${reference}"`);
    if (image === undefined) {
      const message = notFound(names.image);
      this.#failed.set(reference, { backOff: nextBackOff(failed?.backOff, now, IMAGE_PULL), message });
      event('Warning', 'Failed', `Failed to pull image "${reference}": ${message}`);
      event('Warning', 'Failed', 'Error: ErrImagePull');
      throw new ImagePullError('ErrImagePull', message, now + NOTICE_MS);
    }
    this.#failed.delete(reference);
    this.#present.add(names.image);
    event(
      'Normal',
      'Pulled',
      `Successfully pulled image "${reference}" in 1ms (1ms including waiting). Image size: 0 bytes.`,
    );
    return { image, names };
  }
}

function notFound(name: string): string {
  return (
    `rpc error: code = NotFound desc = failed to pull and unpack image "${name}": ` +
    `failed to resolve reference "${name}": ${name}: not found`
  );
}
