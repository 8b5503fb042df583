import type { Canary, SessionAffinity } from '../../api/generated/canary.ts';
import type { ReleaseNames } from '../../api/names.ts';
import type { Provider } from '../../api/provider-abilities.ts';
import type { Manifest } from '../../kube/apply.ts';
import type { Resource } from '../../kube/resource.ts';
import type { Cluster } from './kubernetes.ts';
import type { Side } from './replica-share.ts';

/** How the requests are split. */
export interface Traffic {
  /** Percent of the requests that go to the canary, from 0 to 100; the rest goes to the primary. */
  readonly canaryWeight: number;
  /** Whether that is of the requests that fit the analysis' match, and all others go to the primary (A/B). @default false */
  readonly matchedOnly?: boolean;
  /** Percent of the requests that the canary gets copies of. @default 0 */
  readonly mirrorWeight?: number;
  /** What keeps clients on the side that they have met. */
  readonly stickiness?: Stickiness;
}

/** Cookies, as `name=value`. */
export interface Stickiness {
  readonly affinity: SessionAffinity;
  /** Of clients that the canary has answered, which it goes on to answer. */
  readonly canary?: string;
  /** Of clients that the primary has answered, and which it keeps for so long. */
  readonly primary?: { readonly cookie: string; readonly seconds: number };
  /** Of the release before, which browsers are told to forget. */
  readonly expired?: string;
}

/** How the gateway's objects split the requests now. */
export interface ObservedTraffic {
  /** Percent that goes to the canary; with a match, of the requests that fit it. */
  readonly canaryWeight: number;
  readonly acceptance: Acceptance;
}

/**
 * Whether whoever splits the traffic has taken up the objects as they are. A router that reports nothing says `accepted`:
 * there is nothing to wait for.
 */
export type Acceptance =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'pending' }
  /** `message` is the gateway's own, for the user. */
  | { readonly kind: 'refused'; readonly message: string };

/** An object of the gateway as the API server has it, raw. */
export interface RouteObject {
  readonly metadata: {
    readonly name: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** An object that is to be there. Its namespace, its owner and our label are added by who applies it. */
export interface RouteManifest {
  readonly resource: Resource;
  readonly manifest: Manifest & { readonly spec?: object };
}

/** The canary whose route is asked about; `validate` has nothing against it. */
export interface Routed {
  readonly canary: Canary;
  readonly names: ReleaseNames;
  /** What there is of the router's objects. */
  readonly existing: (resource: Resource, name: string) => RouteObject | undefined;
  /** For who splits by Services alone; `undefined` where there are none of ours. */
  readonly cluster?: Cluster | undefined;
}

/**
 * One way to split traffic. All of it is a pure function of manifests; reading, applying and waiting are written once,
 * outside. To add one: a file with a Router, and its line in `routers.ts`.
 */
export interface Router {
  readonly providers: readonly Provider[];
  /** What it writes. The controller watches these, and is allowed to write them. */
  readonly resources: readonly Resource[];
  /** What of the objects is ours when they split the traffic so; server-side apply leaves the rest. */
  desired(routed: Routed, traffic: Traffic): readonly RouteManifest[];
  /** How it is split; `undefined` where objects are missing or carry no weights of ours. */
  observed(routed: Routed): ObservedTraffic | undefined;
  /**
   * The user's own route, with our two backends beside those that it has, and no request for them yet. A gateway hears of
   * backends and of routes in two streams: one that splits a route between backends that it has not met yet fails requests
   * for a moment. Nothing where there is no route of the user's own.
   */
  introduced?(routed: Routed): readonly RouteManifest[];
  /** The side that the Service which clients call leads to. Without it, to the primary, whatever the traffic is. */
  apexSide?(traffic: Traffic): Side;
  /**
   * All of its requests go to the Service that clients call by name, which stays when the canary goes; all else of it is as it
   * is. Without this, there is no route to give back.
   */
  handedBack?(routed: Routed): readonly RouteManifest[];
  /** What the gateway says of its objects as they are, split or handed back. */
  acceptance?(routed: Routed): Acceptance;
  /**
   * What an object of one of its kinds leads to: Services of the namespace by their names, and all else by a text that is no
   * Service's name. One that leads nowhere, or that cannot be read, leads to nothing.
   */
  leadsTo(object: RouteObject, resource: Resource, whose: Pick<Routed, 'canary' | 'names'>): readonly string[];
  /** What the user has to mend in objects of the user's own before they can split anything. */
  problem?(routed: Routed): string | undefined;
}
