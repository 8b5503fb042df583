// Generated from manifests/crd by `make generate`. Not to be edited by hand.
import type { ObjectMeta } from '../object-meta.ts';

/** How new revisions of one workload are released - who splits the traffic, in which steps, and what is checked at each. */
export interface Canary {
  readonly apiVersion: 'flagger.app/v1beta1';
  readonly kind: 'Canary';
  readonly metadata: ObjectMeta;
  /** What is released, and how. */
  readonly spec: CanarySpec;
  /** What the controller has done and seen. */
  readonly status?: CanaryStatus;
}

/** What is released, and how. */
export interface CanarySpec {
  /** Who splits the traffic. Without it, the provider that the controller was started with. */
  readonly provider?:
    | 'apisix'
    | 'appmesh'
    | 'appmesh:v1beta2'
    | 'contour'
    | 'gatewayapi:v1'
    | 'gatewayapi:v1beta1'
    | 'gloo'
    | 'istio'
    | 'knative'
    | 'kubernetes'
    | 'kuma'
    | 'linkerd'
    | 'nginx'
    | 'osm'
    | 'skipper'
    | 'smi:crossover'
    | 'smi:v1alpha1'
    | 'smi:v1alpha2'
    | 'smi:v1alpha3'
    | 'traefik';
  /** URL of the Prometheus that the built-in checks and inline queries ask. Without it, the controller's. */
  readonly metricsServer?: string;
  /** The workload whose changes are released. */
  readonly targetRef?: TargetRef;
  /** Size of the canary while it runs - a number of pods, or a share of the primary's such as "25%", rounded up. Without it, as many as the primary has or, with an autoscaler, the fewest that this may leave. An autoscaler of the target goes on from there. 1 to 10000. */
  readonly canaryReplicas?: number | string;
  /** The autoscaler of the target. A copy of it, called as this one with "-primary" added, scales the primary. */
  readonly autoscalerRef?: AutoscalerRef;
  /** The Ingress in front of the target; nginx and skipper need it. */
  readonly ingressRef?: IngressRef;
  /** The ApisixRoute in front of the target; apisix needs it. */
  readonly routeRef?: RouteRef;
  /** The Gloo Upstream whose settings the generated Upstreams take over. */
  readonly upstreamRef?: UpstreamRef;
  /** The Services and routes that are made for the target, its primary and its canary. */
  readonly service?: CanaryService;
  /** The steps of a release, and what is checked at each. */
  readonly analysis?: Analysis;
  /** Seconds in which canary and primary have to make progress before the release has failed. 1 to 604800. @default 600 */
  readonly progressDeadlineSeconds: number;
  /** Promotes a new revision as soon as its pods are ready. */
  readonly skipAnalysis?: boolean;
  /** What happens when somebody else changes the pod template of the primary - hold (the default) says so and starts no release, restore writes the promoted one back, report only says so. A promotion overwrites the change with each of them. */
  readonly drift?: 'hold' | 'restore' | 'report';
  /** How many revisions are kept to go back to - 10 where it is not set. The promoted one and the one that was released last are always kept. 0 to 100. */
  readonly revisionHistoryLimit?: number;
  /** Changes nothing - a canary that is deleted gives its target back with it and without. */
  readonly revertOnDeletion?: boolean;
  /** Starts nothing and moves nothing while it is true. */
  readonly suspend?: boolean;
  /** Layout of 2018 - kind of primary and canary. */
  readonly targetKind?: 'Deployment';
  /** Layout of 2018 - your VirtualService with the two weights. */
  readonly virtualService?: FirstLayoutVirtualService;
  /** Layout of 2018 - your primary Deployment and its Service. */
  readonly primary?: FirstLayoutWorkload;
  /** Layout of 2018 - your canary Deployment, whose changes are released, and its Service. */
  readonly canary?: FirstLayoutWorkload;
  /** What analysis was called before v1beta1. */
  readonly canaryAnalysis?: FirstLayoutAnalysis;
}

/** The workload whose changes are released. */
export interface TargetRef {
  /** Group and version of the kind, such as apps/v1. */
  readonly apiVersion: string;
  /** Kind of the workload; a Knative Service has the apiVersion serving.knative.dev/v1. */
  readonly kind: 'DaemonSet' | 'Deployment' | 'Service';
  /** Name of the object. */
  readonly name: string;
}

/** The autoscaler of the target. A copy of it, called as this one with "-primary" added, scales the primary. */
export interface AutoscalerRef {
  /** Group and version of the kind, such as apps/v1. */
  readonly apiVersion: string;
  /** Kind of the autoscaler. */
  readonly kind: 'HorizontalPodAutoscaler' | 'ScaledObject';
  /** Name of the object. */
  readonly name: string;
  /** For a ScaledObject - the primary's query for each trigger, by the trigger's name. */
  readonly primaryScalerQueries?: Readonly<Record<string, string>>;
  /** Limits of the primary's autoscaler in place of the copied ones. */
  readonly primaryScalerReplicas?: ScalerReplicas;
  /** Limits of the target's own autoscaler while a canary runs. */
  readonly canaryScalerReplicas?: ScalerReplicas;
}

/** Limits of the primary's autoscaler in place of the copied ones. */
export interface ScalerReplicas {
  /** Fewest pods. 1 to 100000. */
  readonly minReplicas?: number;
  /** Most pods. 1 to 100000. */
  readonly maxReplicas?: number;
}

/** The Ingress in front of the target; nginx and skipper need it. */
export interface IngressRef {
  /** Group and version of the kind, such as apps/v1. */
  readonly apiVersion: string;
  /** Ingress. */
  readonly kind: 'Ingress';
  /** Name of the object. */
  readonly name: string;
}

/** The ApisixRoute in front of the target; apisix needs it. */
export interface RouteRef {
  /** Group and version of the kind, such as apps/v1. */
  readonly apiVersion: string;
  /** ApisixRoute. */
  readonly kind: 'ApisixRoute';
  /** Name of the object. */
  readonly name: string;
}

/** The Gloo Upstream whose settings the generated Upstreams take over. */
export interface UpstreamRef {
  /** Group and version of the kind, such as apps/v1. */
  readonly apiVersion: string;
  /** Upstream. */
  readonly kind: 'Upstream';
  /** Name of the object. */
  readonly name: string;
  /** Namespace of the object; without it, the canary's. */
  readonly namespace?: string;
}

/** The Services and routes that are made for the target, its primary and its canary. */
export interface CanaryService {
  /** Name of the Service that clients call; "-primary" and "-canary" are added for the other two. Without it, the target's name. */
  readonly name?: string;
  /** Port of the Services. 1 to 65535. */
  readonly port: number;
  /** Name of that port; meshes read the protocol from it, such as http or grpc. @default "http" */
  readonly portName: string;
  /** Port of the pods, as a number or by the container port's name. Without it, the number of port. 1 to 65535. */
  readonly targetPort?: number | string;
  /** Application protocol of the port; with tcp, Istio routes connections in place of requests. */
  readonly appProtocol?: string;
  /** Which endpoints the Services prefer. */
  readonly trafficDistribution?: 'PreferClose' | 'PreferSameZone' | 'PreferSameNode';
  /** Adds all other container ports of the target to the Services. */
  readonly portDiscovery?: boolean;
  /** Makes Services without a cluster IP. */
  readonly headless?: boolean;
  /** Time that a request may take, such as 30s; "infinity" where the provider knows it. */
  readonly timeout?: string;
  /** Time that one try at a backend may take, such as 10s (Gateway API). */
  readonly backendTimeout?: string;
  /** App Mesh that the virtual nodes belong to; appmesh needs it. */
  readonly meshName?: string;
  /** Services that the target calls (App Mesh). */
  readonly backends?: readonly string[];
  /** Istio Gateways that the route is bound to, as name or namespace/name; "mesh" is traffic inside the mesh. */
  readonly gateways?: readonly string[];
  /** Host names that the route answers for. Without them, the Service's name. */
  readonly hosts?: readonly string[];
  /** What the HTTPRoute is attached to (Gateway API) - Gateways, or a Service for routes inside a mesh. */
  readonly gatewayRefs?: readonly GatewayRef[];
  /** Makes a VirtualService without hosts and gateways for another to delegate to (Istio). */
  readonly delegation?: boolean;
  /** Requests that the route is for; without it, all. One of the entries has to fit, with all of its conditions. */
  readonly match?: readonly RequestMatch[];
  /** What the backend sees in place of the client's path and host. */
  readonly rewrite?: Rewrite;
  /** How failed requests are tried again. */
  readonly retries?: Retries;
  /** Changes to the headers of requests and responses. */
  readonly headers?: HeaderChanges;
  /** More backends that get a copy of each request (Gateway API). */
  readonly mirror?: readonly RequestMirror[];
  /** Cross-origin rules of the route. */
  readonly corsPolicy?: CorsPolicy;
  /** How the mesh calls the pods (Istio DestinationRule). */
  readonly trafficPolicy?: TrafficPolicy;
  /** Labels and annotations of the Service that clients call, and of the route. */
  readonly apex?: GeneratedMetadata;
  /** Labels and annotations of the primary's Service. */
  readonly primary?: GeneratedMetadata;
  /** Labels and annotations of the canary's Service. */
  readonly canary?: GeneratedMetadata;
  /** Keys on the generated objects that belong to somebody else and are left as they are. */
  readonly unmanagedMetadata?: UnmanagedMetadata;
}

export interface GatewayRef {
  /** API group of the kind. @default "gateway.networking.k8s.io" */
  readonly group: string;
  /** Kind of the parent. @default "Gateway" */
  readonly kind: string;
  /** Name of the parent. */
  readonly name: string;
  /** Namespace of the object; without it, the canary's. */
  readonly namespace?: string;
  /** Listener of the Gateway. */
  readonly sectionName?: string;
  /** Port of the listener or Service. 1 to 65535. */
  readonly port?: number;
}

export interface RequestMatch {
  /** Name of the entry in the mesh's access logs. */
  readonly name?: string;
  /** How a text has to look - exact, prefix or regex (RE2). */
  readonly uri?: StringMatch;
  /** How a text has to look - exact, prefix or regex (RE2). */
  readonly scheme?: StringMatch;
  /** How a text has to look - exact, prefix or regex (RE2). */
  readonly method?: StringMatch;
  /** How a text has to look - exact, prefix or regex (RE2). */
  readonly authority?: StringMatch;
  /** Conditions on headers or parameters, by name; an empty one asks that it is there. */
  readonly headers?: Readonly<Record<string, StringMatch>>;
  /** Conditions on headers that must not hold. */
  readonly withoutHeaders?: Readonly<Record<string, StringMatch>>;
  /** Conditions on headers or parameters, by name; an empty one asks that it is there. */
  readonly queryParams?: Readonly<Record<string, StringMatch>>;
  /** Takes upper and lower case of the URI for the same. */
  readonly ignoreUriCase?: boolean;
  /** Port that the client called. 1 to 65535. */
  readonly port?: number;
  /** Gateways that the entry is for. */
  readonly gateways?: readonly string[];
  /** Labels of the calling pods. */
  readonly sourceLabels?: Readonly<Record<string, string>>;
  /** Namespace of the calling pods. */
  readonly sourceNamespace?: string;
}

/** How a text has to look - exact, prefix or regex (RE2). */
export interface StringMatch {
  /** The whole text. */
  readonly exact?: string;
  /** How the text begins. */
  readonly prefix?: string;
  /** A regular expression (RE2) for the whole text. */
  readonly regex?: string;
}

/** What the backend sees in place of the client's path and host. */
export interface Rewrite {
  /** The new path. */
  readonly uri?: string;
  /** The new host. */
  readonly authority?: string;
  /** Whether uri replaces the whole path or only the prefix that matched (Gateway API). Without it, the whole path. */
  readonly type?: '' | 'ReplaceFullPath' | 'ReplacePrefixMatch';
}

/** How failed requests are tried again. */
export interface Retries {
  /** Most tries again. 0 to 1000. */
  readonly attempts?: number;
  /** Time that one try may take, such as 2s. */
  readonly perTryTimeout?: string;
  /** Failures that are tried again, with commas between, such as 5xx,connect-failure. */
  readonly retryOn?: string;
}

/** Changes to the headers of requests and responses. */
export interface HeaderChanges {
  /** What is added, set and removed, in this order. */
  readonly request?: HeaderOperations;
  /** What is added, set and removed, in this order. */
  readonly response?: HeaderOperations;
}

/** What is added, set and removed, in this order. */
export interface HeaderOperations {
  /** Header values by name. */
  readonly add?: Readonly<Record<string, string>>;
  /** Header values by name. */
  readonly set?: Readonly<Record<string, string>>;
  /** Header names. */
  readonly remove?: readonly string[];
}

export interface RequestMirror {
  /** Where the copies go. */
  readonly backendRef: BackendRef;
}

/** Where the copies go. */
export interface BackendRef {
  /** API group of the backend; empty for a Service. @default "" */
  readonly group: string;
  /** Kind of the backend. @default "Service" */
  readonly kind: string;
  /** Name of the backend. */
  readonly name: string;
  /** Namespace of the object; without it, the canary's. */
  readonly namespace?: string;
  /** Port of the backend. 1 to 65535. */
  readonly port?: number;
}

/** Cross-origin rules of the route. */
export interface CorsPolicy {
  /** Origins that may call, each in full. */
  readonly allowOrigin?: readonly string[];
  /** Origins that may call, by exact, prefix or regex (Istio). */
  readonly allowOrigins?: readonly StringMatch[];
  /** HTTP methods that may be used. */
  readonly allowMethods?: readonly string[];
  /** Header names. */
  readonly allowHeaders?: readonly string[];
  /** Header names. */
  readonly exposeHeaders?: readonly string[];
  /** Lets callers send cookies and credentials. */
  readonly allowCredentials?: boolean;
  /** Time that browsers may remember the answer, such as 24h. */
  readonly maxAge?: string;
}

/** How the mesh calls the pods (Istio DestinationRule). */
export interface TrafficPolicy {
  /** How the next pod is picked - simple or consistentHash. */
  readonly loadBalancer?: LoadBalancer;
  /** Limits on connections and requests. */
  readonly connectionPool?: ConnectionPool;
  /** When a failing pod gets no calls for a while. */
  readonly outlierDetection?: OutlierDetection;
  /** TLS towards the pods. */
  readonly tls?: ClientTls;
  /** The same for single ports. */
  readonly portLevelSettings?: readonly PortTrafficPolicy[];
}

/** How the next pod is picked - simple or consistentHash. */
export interface LoadBalancer {
  /** A standard way to pick. */
  readonly simple?: 'ROUND_ROBIN' | 'LEAST_CONN' | 'RANDOM' | 'PASSTHROUGH' | 'LEAST_REQUEST';
  /** The same pod for the same header, cookie, parameter or address. */
  readonly consistentHash?: ConsistentHash;
  /** Which localities are preferred. */
  readonly localityLbSetting?: LocalityLoadBalancing;
  /** Time in which a new pod gets more and more of its share, such as 30s. */
  readonly warmupDurationSecs?: string;
}

/** The same pod for the same header, cookie, parameter or address. */
export interface ConsistentHash {
  /** Header that is hashed. */
  readonly httpHeaderName?: string;
  /** Query parameter that is hashed. */
  readonly httpQueryParameterName?: string;
  /** Hashes the caller's address. */
  readonly useSourceIp?: boolean;
  /** Cookie that is hashed, and set where it is missing. */
  readonly httpCookie?: HashCookie;
  /** Fewest places on the hash ring. 0 to 8388608. */
  readonly minimumRingSize?: number;
}

/** Cookie that is hashed, and set where it is missing. */
export interface HashCookie {
  /** Name of the cookie. */
  readonly name?: string;
  /** Path of the cookie. */
  readonly path?: string;
  /** Life of the cookie, such as 1h; 0s ends it with the session. */
  readonly ttl?: string;
}

/** Which localities are preferred. */
export interface LocalityLoadBalancing {
  /** Whether localities count. */
  readonly enabled?: boolean;
  /** Shares by locality. */
  readonly distribute?: readonly LocalityShare[];
  /** Where calls go when a locality is down. */
  readonly failover?: readonly LocalityFailover[];
}

export interface LocalityShare {
  /** Locality of the callers. */
  readonly from?: string;
  /** Percent by locality; they sum to 100. */
  readonly to?: Readonly<Record<string, number>>;
}

export interface LocalityFailover {
  /** Locality that is down. */
  readonly from?: string;
  /** Locality that takes over. */
  readonly to?: string;
}

/** Limits on connections and requests. */
export interface ConnectionPool {
  /** Limits on connections. */
  readonly tcp?: TcpPool;
  /** Limits on requests. */
  readonly http?: HttpPool;
}

/** Limits on connections. */
export interface TcpPool {
  /** Most connections to a pod. At least 0. */
  readonly maxConnections?: number;
  /** Time to connect, such as 5s. */
  readonly connectTimeout?: string;
}

/** Limits on requests. */
export interface HttpPool {
  /** Whether HTTP/1.1 calls go on as HTTP/2. */
  readonly h2UpgradePolicy?: 'DEFAULT' | 'DO_NOT_UPGRADE' | 'UPGRADE';
  /** Most requests that wait for a connection. At least 0. */
  readonly http1MaxPendingRequests?: number;
  /** Most requests at a time. At least 0. */
  readonly http2MaxRequests?: number;
  /** Requests after which a connection is closed; 0 is no limit. At least 0. */
  readonly maxRequestsPerConnection?: number;
  /** Most retries at a time. At least 0. */
  readonly maxRetries?: number;
  /** Time without requests after which a connection is closed. */
  readonly idleTimeout?: string;
}

/** When a failing pod gets no calls for a while. */
export interface OutlierDetection {
  /** The old name of consecutive5xxErrors. At least 0. */
  readonly consecutiveErrors?: number;
  /** Failures in a row that count. 0 to 4294967295. */
  readonly consecutive5xxErrors?: number;
  /** Gateway failures in a row that count. 0 to 4294967295. */
  readonly consecutiveGatewayErrors?: number;
  /** Failed connections in a row that count. 0 to 4294967295. */
  readonly consecutiveLocalOriginFailures?: number;
  /** Counts failed connections on their own. */
  readonly splitExternalLocalOriginErrors?: boolean;
  /** Time between two looks at the counts. */
  readonly interval?: string;
  /** Shortest time without calls. */
  readonly baseEjectionTime?: string;
  /** Most pods without calls at a time. 0 to 100. */
  readonly maxEjectionPercent?: number;
  /** Share of healthy pods below which all get calls. 0 to 100. */
  readonly minHealthPercent?: number;
}

/** TLS towards the pods. */
export interface ClientTls {
  /** Whether TLS is used, and whose certificates. */
  readonly mode?: 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL';
  /** Path of the certificate for MUTUAL. */
  readonly clientCertificate?: string;
  /** Path of its key. */
  readonly privateKey?: string;
  /** Path of the authorities that are trusted. */
  readonly caCertificates?: string;
  /** Names that the pods' certificate has to have. */
  readonly subjectAltNames?: readonly string[];
  /** Server name that is asked for. */
  readonly sni?: string;
}

export interface PortTrafficPolicy {
  /** The port that the settings are for. */
  readonly port: PortNumber;
  /** How the next pod is picked - simple or consistentHash. */
  readonly loadBalancer?: LoadBalancer;
  /** Limits on connections and requests. */
  readonly connectionPool?: ConnectionPool;
  /** When a failing pod gets no calls for a while. */
  readonly outlierDetection?: OutlierDetection;
  /** TLS towards the pods. */
  readonly tls?: ClientTls;
}

/** The port that the settings are for. */
export interface PortNumber {
  /** Number of the port. 1 to 65535. */
  readonly number: number;
}

/** Labels and annotations of the Service that clients call, and of the route. */
export interface GeneratedMetadata {
  /** Labels that are added. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Annotations that are added. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Keys on the generated objects that belong to somebody else and are left as they are. */
export interface UnmanagedMetadata {
  /** Keys of annotations. */
  readonly annotations?: readonly string[];
  /** Keys of labels. */
  readonly labels?: readonly string[];
}

/** The steps of a release, and what is checked at each. */
export interface Analysis {
  /** How long a step is held before it is judged, such as 30s or 1m30s; from 1s to 168h. */
  readonly interval: string;
  /** Failed checks at which the release is rolled back. 1 to 10000. */
  readonly threshold: number;
  /** For blue/green and A/B releases - how many times the canary is checked before it is promoted. 1 to 10000. */
  readonly iterations?: number;
  /** For releases by weight - percent of the traffic that each step adds, until maxWeight is reached or passed. 1 to 100. */
  readonly stepWeight?: number;
  /** For releases by weight - the canary's percent at each step, each more than the one before. After the last one it is promoted. */
  readonly stepWeights?: readonly number[];
  /** With stepWeight - percent at which the canary has had enough and is promoted. Without it, 100. 1 to 100. */
  readonly maxWeight?: number;
  /** Percent of the traffic that each step gives back to the promoted primary; 0 or nothing gives it back at once. 0 to 100. */
  readonly stepWeightPromotion?: number;
  /** Seconds between the traffic being back on the primary and the canary being scaled down. 0 to 3600. @default 5 */
  readonly drainSeconds: number;
  /** Sends the canary copies of requests before it answers any (Istio; Gateway API with iterations). */
  readonly mirror?: boolean;
  /** Percent of the requests that are copied. Without it, 100. 1 to 100. */
  readonly mirrorWeight?: number;
  /** Percent of the primary's pods that have to be available. 0 to 100. @default 100 */
  readonly primaryReadyThreshold: number;
  /** Percent of the canary's pods that have to be available. 0 to 100. @default 100 */
  readonly canaryReadyThreshold: number;
  /** For A/B releases - requests that go to the canary; one of the entries has to fit, with all of its conditions. */
  readonly match?: readonly CanaryMatch[];
  /** Keeps a client that has seen the canary on it, by a cookie (Istio, Gateway API). */
  readonly sessionAffinity?: SessionAffinity;
  /** Measurements that are judged at each step, in this order. */
  readonly metrics?: readonly Metric[];
  /** Where this canary's alerts go, in place of the controller's own. */
  readonly alerts?: readonly CanaryAlert[];
  /** HTTP calls and approvals along the release, in this order for each type. */
  readonly webhooks?: readonly CanaryWebhook[];
}

export interface CanaryMatch {
  /** Conditions on headers, by name. */
  readonly headers?: Readonly<Record<string, HeaderMatch>>;
  /** Conditions on headers or parameters, by name; an empty one asks that it is there. */
  readonly queryParams?: Readonly<Record<string, StringMatch>>;
  /** Labels of the calling pods. */
  readonly sourceLabels?: Readonly<Record<string, string>>;
}

/** How a header has to look - exact, prefix, suffix or regex (RE2). */
export interface HeaderMatch {
  /** The whole text. */
  readonly exact?: string;
  /** How the text begins. */
  readonly prefix?: string;
  /** How the text ends. */
  readonly suffix?: string;
  /** A regular expression (RE2) for the whole text. */
  readonly regex?: string;
}

/** Keeps a client that has seen the canary on it, by a cookie (Istio, Gateway API). */
export interface SessionAffinity {
  /** Cookie of clients on the canary. */
  readonly cookieName: string;
  /** Cookie of clients on the primary, which keeps them there for one step. */
  readonly primaryCookieName?: string;
  /** Life of the canary's cookie in seconds. 1 to 34560000. @default 86400 */
  readonly maxAge: number;
  /** Domain that the cookie is sent to. */
  readonly domain?: string;
  /** Path below which the cookie is sent. */
  readonly path?: string;
  /** Hides the cookie from scripts. */
  readonly httpOnly?: boolean;
  /** Sends the cookie over HTTPS only. */
  readonly secure?: boolean;
  /** Whether the cookie is sent with requests from other sites. */
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
  /** Keeps the cookie apart for each top-level site. */
  readonly partitioned?: boolean;
}

export interface Metric {
  /** request-success-rate (percent) and request-duration (p99 in milliseconds) are built in; others need a templateRef. */
  readonly name: string;
  /** Time that the query looks back, such as 1m. Goes into the query as written; Graphite's 1min is fine. @default "1m" */
  readonly interval: string;
  /** The values that pass, limits included. */
  readonly thresholdRange?: ThresholdRange;
  /** The old form of thresholdRange - min for request-success-rate, max for all others. */
  readonly threshold?: number;
  /** The MetricTemplate with the provider and the query. */
  readonly templateRef?: TemplateRef;
  /** Texts for the template's variables, by name. */
  readonly templateVariables?: Readonly<Record<string, string>>;
  /** The old form of templateRef - a PromQL query for the metrics server. */
  readonly query?: string;
  /** What a query without a value does - fail counts a failed check, hold waits at the weight without counting, pass counts it as good. @default "fail" */
  readonly onNoData: 'fail' | 'hold' | 'pass';
  /** What a query that cannot be asked or answered does - fail counts a failed check, hold waits at the weight without counting. @default "fail" */
  readonly onError: 'fail' | 'hold';
}

/** The values that pass, limits included. */
export interface ThresholdRange {
  /** Least value that passes. */
  readonly min?: number;
  /** Greatest value that passes. */
  readonly max?: number;
}

/** The MetricTemplate with the provider and the query. */
export interface TemplateRef {
  /** Name of the object. */
  readonly name: string;
  /** Namespace of the object; without it, the canary's. */
  readonly namespace?: string;
}

export interface CanaryAlert {
  /** Name of the alert. */
  readonly name: string;
  /** The least severity that is sent. Empty is info, which is all. @default "info" */
  readonly severity: '' | 'info' | 'warn' | 'error';
  /** The AlertProvider that sends it. */
  readonly providerRef: AlertProviderRef;
}

/** The AlertProvider that sends it. */
export interface AlertProviderRef {
  /** Name of the object. */
  readonly name: string;
  /** Namespace of the object; without it, the canary's. */
  readonly namespace?: string;
}

export interface CanaryWebhook {
  /** Name of the hook; an approval names it as its gate. */
  readonly name: string;
  /** When it is called. Empty is rollout, at each step. @default "rollout" */
  readonly type:
    | ''
    | 'confirm-rollout'
    | 'pre-rollout'
    | 'rollout'
    | 'confirm-traffic-increase'
    | 'confirm-promotion'
    | 'post-rollout'
    | 'rollback'
    | 'event';
  /** Where the POST goes. A confirm hook without a url waits for the approve of a CanaryAction. */
  readonly url?: string;
  /** Time that a call may take, such as 30s; to 24h. @default "10s" */
  readonly timeout: string;
  /** Tries again after a lost connection or a 5xx answer. 0 to 100. */
  readonly retries?: number;
  /** Takes any certificate from the server. */
  readonly disableTLS?: boolean;
  /** Sends no alert while this gate is closed. */
  readonly muteAlert?: boolean;
  /** For a gate that a person opens - notAuthor rejects approvals by anybody who changed the target since its last promotion, and all approvals while it is not known who did. Default is anyone. */
  readonly approvers?: 'anyone' | 'notAuthor';
  /** Headers of the call, besides those that every call has. */
  readonly headers?: readonly WebhookHeader[];
  /** Texts that the receiver gets with the call, by name. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface WebhookHeader {
  /** Name of the header, such as Authorization. */
  readonly name: string;
  /** Value of the header. */
  readonly value?: string;
  /** Where the value is read at each call. */
  readonly valueFrom?: HeaderSource;
}

/** Where the value is read at each call. */
export interface HeaderSource {
  /** A key of a Secret in the canary's namespace. */
  readonly secretKeyRef: SecretKeyRef;
}

/** A key of a Secret in the canary's namespace. */
export interface SecretKeyRef {
  /** Name of the object. */
  readonly name: string;
  /** Key in the Secret's data. */
  readonly key: string;
}

/** Layout of 2018 - your VirtualService with the two weights. */
export interface FirstLayoutVirtualService {
  /** Name of the object. */
  readonly name: string;
}

/** Layout of 2018 - your primary Deployment and its Service. */
export interface FirstLayoutWorkload {
  /** Name of the object. */
  readonly name: string;
  /** Name of its Service. */
  readonly host: string;
}

/** What analysis was called before v1beta1. */
export interface FirstLayoutAnalysis {
  /** How long a step is held before it is judged, such as 30s or 1m30s; from 1s to 168h. @default "60s" */
  readonly interval: string;
  /** Failed checks at which the release is rolled back. 1 to 10000. */
  readonly threshold: number;
  /** For blue/green and A/B releases - how many times the canary is checked before it is promoted. 1 to 10000. */
  readonly iterations?: number;
  /** For releases by weight - percent of the traffic that each step adds, until maxWeight is reached or passed. 1 to 100. */
  readonly stepWeight?: number;
  /** With stepWeight - percent at which the canary has had enough and is promoted. Without it, 100. 1 to 100. */
  readonly maxWeight?: number;
  /** Measurements that are judged at each step, in this order. */
  readonly metrics?: readonly FirstLayoutMetric[];
  /** HTTP calls along the release, in this order for each type. */
  readonly webhooks?: readonly FirstLayoutWebhook[];
}

export interface FirstLayoutMetric {
  /** request-success-rate (percent) and request-duration (p99 in milliseconds) are built in; others need a templateRef. */
  readonly name: string;
  /** Time that the query looks back, such as 1m. Goes into the query as written; Graphite's 1min is fine. @default "1m" */
  readonly interval: string;
  /** The old form of thresholdRange - min for request-success-rate, max for all others. */
  readonly threshold: number;
  /** The old form of templateRef - a PromQL query for the metrics server. */
  readonly query?: string;
}

export interface FirstLayoutWebhook {
  /** Name of the hook; an approval names it as its gate. */
  readonly name: string;
  /** When it is called. Empty is rollout, at each step. @default "rollout" */
  readonly type: '' | 'confirm-rollout' | 'pre-rollout' | 'rollout' | 'confirm-promotion' | 'post-rollout';
  /** Where the POST goes. A confirm hook without a url waits for the approve of a CanaryAction. */
  readonly url: string;
  /** Time that a call may take, such as 30s; to 24h. @default "10s" */
  readonly timeout: string;
  /** Texts that the receiver gets with the call, by name. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What the controller has done and seen. */
export interface CanaryStatus {
  /** Generation of the spec that this status is about. At least 0. */
  readonly observedGeneration?: number;
  /** Where the release stands. */
  readonly phase?:
    | ''
    | 'Initializing'
    | 'Initialized'
    | 'Waiting'
    | 'Progressing'
    | 'WaitingPromotion'
    | 'Promoting'
    | 'Finalising'
    | 'Succeeded'
    | 'Failed'
    | 'Terminating'
    | 'Terminated';
  /** Short texts for the columns of kubectl get. */
  readonly summary?: StatusSummary;
  /** The step that is held or judged; 1 is the first. 0 to 10000. */
  readonly step?: number;
  /** How many steps the release has. 0 to 10000. */
  readonly steps?: number;
  /** When the step's weight was set. */
  readonly stepStartedAt?: string;
  /** When the step is judged next. */
  readonly nextCheckAt?: string;
  /** When the last requests to the canary are over and its pods may go. */
  readonly drainedAt?: string;
  /** The release is over and is being cleared away - how it will have ended. */
  readonly ending?: Ending;
  /** A person holds the release where it is, until a person resumes it. */
  readonly paused?: Pause;
  /** When it was resumed last; deadlines count from then. */
  readonly resumedAt?: string;
  /** The gates without a URL that persons have opened for this release. */
  readonly approvals?: readonly Approval[];
  /** A person promoted the release without the steps and checks that were left. */
  readonly promotedBy?: FullPromotion;
  /** The last actions of persons that were decided on, newest first. One that is in here is not carried out again. */
  readonly decisions?: readonly ActionDecision[];
  /** The target as it was seen last. A revision that differs while the generation does not is a change of how it is read, and releases nothing. */
  readonly target?: ObservedTarget;
  /** When the release began. */
  readonly startedAt?: string;
  /** Percent that the canary should get. 0 to 100. */
  readonly desiredWeight?: number;
  /** Percent that the route gives the canary. 0 to 100. */
  readonly actualWeight?: number;
  /** Percent that the canary was given last. 0 to 100. */
  readonly canaryWeight?: number;
  /** Whether these are percents of the requests that fit spec.analysis.match, and no others go to the canary. */
  readonly matchedOnly?: boolean;
  /** Percent of the requests that the canary gets copies of. 0 to 100. */
  readonly mirrorWeight?: number;
  /** Failed checks of this release so far. At least 0. */
  readonly failedChecks?: number;
  /** Checks of this release so far. At least -1. */
  readonly iterations?: number;
  /** The last verdict of each check. */
  readonly checks?: readonly CheckStatus[];
  /** What the release waits for. */
  readonly waitingFor?: WaitingFor;
  /** Why the last release failed. */
  readonly failure?: Failure;
  /** Whose change began the release. */
  readonly triggeredBy?: TriggeredBy;
  /** The last releases, newest first. */
  readonly history?: readonly FinishedRun[];
  /** Checksums of the ConfigMaps and Secrets that the target uses, by configmap/NAME or secret/NAME. An optional one that is not there is absent. */
  readonly trackedConfigs?: Readonly<Record<string, string>>;
  /** What the primary's autoscaler is made from - the target's, as it stood when the primary was promoted last. */
  readonly scaler?: PromotedScaler;
  /** What the primary's autoscaler is made from again, should the promotion that is under way fail. */
  readonly previousScaler?: PromotedScaler;
  /** Fewest pods that the primary's autoscaler may leave it for now, as the traffic is or just was shared with the canary. At least 1. */
  readonly primaryReplicas?: number;
  /** When primaryReplicas no longer holds - the autoscaler has seen all the traffic on the primary by then. */
  readonly primaryHeldUntil?: string;
  /** The pod template of the primary as the controller has written it, to tell when somebody else has changed it. */
  readonly primary?: PrimaryRecord;
  /** Pods of the target may have read configuration that has changed since. They are replaced before anything is measured. */
  readonly stalePods?: boolean;
  /** The revision that was released last. */
  readonly lastAppliedSpec?: string;
  /** The revision that the primary runs. */
  readonly lastPromotedSpec?: string;
  /** When the phase changed last. */
  readonly lastTransitionTime?: string;
  /** The canary's cookie of this release. */
  readonly sessionAffinityCookie?: string;
  /** The canary's cookie of the release before. */
  readonly previousSessionAffinityCookie?: string;
  /** The primary's cookie. */
  readonly primarySessionAffinityCookie?: string;
  /** Facts for kubectl wait, such as Promoted and Ready. */
  readonly conditions?: readonly Condition[];
}

/** Short texts for the columns of kubectl get. */
export interface StatusSummary {
  /** Step of how many, such as 2/5. */
  readonly step?: string;
  /** Checks that passed of how many, such as 3/4. */
  readonly checks?: string;
  /** What comes next or is waited for. */
  readonly next?: string;
}

/** The release is over and is being cleared away - how it will have ended. */
export interface Ending {
  /** How it will have ended. */
  readonly result: 'Succeeded' | 'Failed' | 'Aborted' | 'Superseded' | 'Reverted';
  /** In one word, such as ThresholdReached. */
  readonly reason: string;
  /** In a sentence. */
  readonly message: string;
  /** Who decided it; nobody but the checks where it is not there. */
  readonly by?: string;
}

/** A person holds the release where it is, until a person resumes it. */
export interface Pause {
  /** Who decided it; nobody but the checks where it is not there. */
  readonly by?: string;
  /** When. */
  readonly at: string;
  /** Why. */
  readonly reason?: string;
}

export interface Approval {
  /** Name of the hook. */
  readonly gate: string;
  /** Who decided it; nobody but the checks where it is not there. */
  readonly by?: string;
  /** When. */
  readonly at: string;
}

/** A person promoted the release without the steps and checks that were left. */
export interface FullPromotion {
  /** Who decided it; nobody but the checks where it is not there. */
  readonly by?: string;
  /** When. */
  readonly at: string;
  /** Why. */
  readonly reason?: string;
}

export interface ActionDecision {
  /** Of the CanaryAction. */
  readonly uid: string;
  /** Of the CanaryAction. */
  readonly name: string;
  /** What was asked for. */
  readonly action: string;
  /** Who decided it; nobody but the checks where it is not there. */
  readonly by?: string;
  /** When it was decided. */
  readonly at: string;
  /** Whether it was carried out. */
  readonly result: 'Done' | 'Rejected';
  /** In one word, where it says more than the result - Unchanged when what was asked for was so already. */
  readonly reason?: string;
  /** What was done or why not. */
  readonly message?: string;
}

/** The target as it was seen last. A revision that differs while the generation does not is a change of how it is read, and releases nothing. */
export interface ObservedTarget {
  /** Its revision. */
  readonly revision: string;
  /** Its generation. At least 0. */
  readonly generation: number;
  /** Which object of its name it was. */
  readonly uid?: string;
  /** The latest time in its stamps of who changed it. An older stamp that comes back is nobody's. */
  readonly changedAt?: string;
}

export interface CheckStatus {
  /** What was checked. */
  readonly kind: 'Metric' | 'Webhook';
  /** Name of the metric or webhook. */
  readonly name: string;
  /** How it was judged. */
  readonly verdict: 'Pass' | 'Fail' | 'Inconclusive' | 'NoData' | 'Error';
  /** The value that was measured. */
  readonly value?: number;
  /** The range that it was judged by. */
  readonly thresholdRange?: JudgedRange;
  /** How many samples the value stands on. At least 0. */
  readonly samples?: number;
  /** What went wrong. */
  readonly message?: string;
  /** When. */
  readonly checkedAt?: string;
  /** The last results of this check in this release, oldest first. */
  readonly measurements?: readonly Measurement[];
}

/** The range that it was judged by. */
export interface JudgedRange {
  /** Least value that passes. */
  readonly min?: number;
  /** Greatest value that passes. */
  readonly max?: number;
}

export interface Measurement {
  /** When. */
  readonly checkedAt: string;
  /** How it was judged. */
  readonly verdict: 'Pass' | 'Fail' | 'Inconclusive' | 'NoData' | 'Error';
  /** The value that was measured. */
  readonly value?: number;
  /** Percent that the canary had then. 0 to 100. */
  readonly weight?: number;
}

/** What the release waits for. */
export interface WaitingFor {
  /** In one word, such as StepInterval, CanaryReady or Approval. */
  readonly reason: string;
  /** In a sentence. */
  readonly message?: string;
  /** The hook that has to be approved. */
  readonly gate?: string;
  /** When the waiting ends by itself. */
  readonly until?: string;
}

/** Why the last release failed. */
export interface Failure {
  /** In one word, such as ThresholdReached. */
  readonly reason: string;
  /** In a sentence. */
  readonly message: string;
  /** When. */
  readonly failedAt?: string;
  /** Who decided it; nobody but the checks where it is not there. */
  readonly by?: string;
}

/** Whose change began the release. */
export interface TriggeredBy {
  /** The user as the API server knows it. */
  readonly username: string;
  /** When the change was made. */
  readonly changedAt?: string;
}

export interface FinishedRun {
  /** What was released. */
  readonly revision: string;
  /** How it ended. */
  readonly result: 'Succeeded' | 'Failed' | 'Aborted' | 'Superseded' | 'Reverted';
  /** Why it ended so. */
  readonly reason?: string;
  /** Why it ended so. */
  readonly message?: string;
  /** Who decided it; nobody but the checks where it is not there. */
  readonly by?: string;
  /** The most percent that it got. 0 to 100. */
  readonly weight?: number;
  /** Failed checks. At least 0. */
  readonly failedChecks?: number;
  /** When it began. */
  readonly startedAt?: string;
  /** When it ended. */
  readonly finishedAt?: string;
  /** Whose change began the release. */
  readonly triggeredBy?: TriggeredBy;
}

/** What the primary's autoscaler is made from - the target's, as it stood when the primary was promoted last. */
export interface PromotedScaler {
  /** Name of the target's autoscaler. */
  readonly name: string;
  /** Its fewest pods. At least 0. */
  readonly minReplicas: number;
  /** Its most pods. At least 0. */
  readonly maxReplicas: number;
  /** Its metrics and behavior, as JSON. */
  readonly rules: string;
  /** How long it looks back before it scales down. 0 to 3600. */
  readonly scaleDownSeconds: number;
}

/** The pod template of the primary as the controller has written it, to tell when somebody else has changed it. */
export interface PrimaryRecord {
  /** The revision that it is of. */
  readonly revision: string;
  /** Hash of the pod template as the API server returned it. */
  readonly template: string;
  /** The Deployment's uid. */
  readonly uid: string;
  /** The Deployment's generation, as it was seen last with this pod template. */
  readonly generation: number;
  /** Hash of the pod template that somebody else has written since. */
  readonly changedTo?: string;
  /** When that was seen. */
  readonly changedAt?: string;
  /** When it was written back last. */
  readonly restoredAt?: string;
}

export interface Condition {
  /** What is stated. */
  readonly type: string;
  /** Whether it is so. */
  readonly status: 'True' | 'False' | 'Unknown';
  /** Why, in one word. */
  readonly reason: string;
  /** Why, in a sentence. */
  readonly message?: string;
  /** Generation of the spec that it is about. At least 0. */
  readonly observedGeneration?: number;
  /** When the status changed last. */
  readonly lastTransitionTime?: string;
  /** When Flagger wrote it last; we do not. */
  readonly lastUpdateTime?: string;
}
