// The kinds that our programs read and write, as the API server serves them.

const ours = { apiVersion: 'flagger.app/v1beta1', namespaced: true } as const;
export const CANARIES = { ...ours, kind: 'Canary', plural: 'canaries' } as const;
export const CANARY_ACTIONS = { ...ours, kind: 'CanaryAction', plural: 'canaryactions' } as const;
export const METRIC_TEMPLATES = { ...ours, kind: 'MetricTemplate', plural: 'metrictemplates' } as const;
export const ALERT_PROVIDERS = { ...ours, kind: 'AlertProvider', plural: 'alertproviders' } as const;

const apps = { apiVersion: 'apps/v1', namespaced: true } as const;
export const DEPLOYMENTS = { ...apps, kind: 'Deployment', plural: 'deployments' } as const;
export const DAEMON_SETS = { ...apps, kind: 'DaemonSet', plural: 'daemonsets' } as const;
export const CONTROLLER_REVISIONS = { ...apps, kind: 'ControllerRevision', plural: 'controllerrevisions' } as const;

const core = { apiVersion: 'v1', namespaced: true } as const;
export const SERVICES = { ...core, kind: 'Service', plural: 'services' } as const;
export const NAMESPACES = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false } as const;
export const SECRETS = { ...core, kind: 'Secret', plural: 'secrets' } as const;
export const CONFIG_MAPS = { ...core, kind: 'ConfigMap', plural: 'configmaps' } as const;

export const HORIZONTAL_POD_AUTOSCALERS = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  namespaced: true,
} as const;
