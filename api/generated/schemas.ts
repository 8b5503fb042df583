// Generated from manifests/crd by `make generate`. Not to be edited by hand.
import type { SchemaNode } from '../schema-node.ts';

/** The kinds of our group. */
export type Kind = 'AlertProvider' | 'Canary' | 'CanaryAction' | 'MetricTemplate';

export const schemas: Readonly<Record<Kind, SchemaNode>> = {
  AlertProvider: {
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: {
        type: 'object',
        required: ['type'],
        properties: {
          type: { type: 'string', enum: ['discord', 'gchat', 'msteams', 'rocket', 'slack', 'webhook'] },
          channel: { type: 'string', maxLength: 253 },
          username: { type: 'string', maxLength: 253 },
          address: {
            type: 'string',
            minLength: 1,
            maxLength: 2048,
            pattern: '^https?://([^\\s/?#@]+@)?(\\[[0-9A-Fa-f:.%]+\\]|[A-Za-z0-9_.-]+)(:[0-9]{1,5})?([/?#]\\S*)?$',
            'x-kubernetes-validations': [
              { message: 'write a URL with its scheme and host, such as https://hooks.example.com/T000/B000' },
            ],
          },
          proxy: {
            type: 'string',
            maxLength: 2048,
            pattern:
              '^((https?|socks5h?)://([^\\s/?#@]+@)?(\\[[0-9A-Fa-f:.%]+\\]|[A-Za-z0-9_.-]+)(:[0-9]{1,5})?([/?#]\\S*)?)?$',
            'x-kubernetes-validations': [
              { message: 'write a URL with its scheme and host, such as http://proxy.example.com:3128' },
            ],
          },
          secretRef: {
            type: 'object',
            required: ['name'],
            properties: {
              name: {
                type: 'string',
                minLength: 1,
                maxLength: 253,
                pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
                'x-kubernetes-validations': [
                  { message: 'write an object\'s name, which is lower case letters, digits, "-" and "."' },
                ],
              },
            },
          },
        },
      },
      status: {
        type: 'object',
        properties: {
          observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
          conditions: {
            type: 'array',
            maxItems: 32,
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['type'],
            items: {
              type: 'object',
              required: ['type', 'status', 'reason'],
              properties: {
                type: { type: 'string', minLength: 1, maxLength: 316 },
                status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
                reason: { type: 'string', maxLength: 1024 },
                message: { type: 'string', maxLength: 32768 },
                observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
                lastTransitionTime: { type: 'string', format: 'date-time' },
              },
            },
          },
        },
      },
    },
  },
  Canary: {
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: {
        type: 'object',
        properties: {
          provider: {
            type: 'string',
            enum: [
              'apisix',
              'appmesh',
              'appmesh:v1beta2',
              'contour',
              'gatewayapi:v1',
              'gatewayapi:v1beta1',
              'gloo',
              'istio',
              'knative',
              'kubernetes',
              'kuma',
              'linkerd',
              'nginx',
              'osm',
              'skipper',
              'smi:crossover',
              'smi:v1alpha1',
              'smi:v1alpha2',
              'smi:v1alpha3',
              'traefik',
            ],
          },
          metricsServer: {
            type: 'string',
            maxLength: 2048,
            pattern: '^https?://([^\\s/?#@]+@)?(\\[[0-9A-Fa-f:.%]+\\]|[A-Za-z0-9_.-]+)(:[0-9]{1,5})?([/?#]\\S*)?$',
            'x-kubernetes-validations': [
              { message: 'write a URL with its scheme and host, such as http://prometheus.monitoring:9090' },
            ],
          },
          targetRef: {
            type: 'object',
            required: ['apiVersion', 'kind', 'name'],
            properties: {
              apiVersion: { type: 'string', minLength: 1, maxLength: 253 },
              kind: { type: 'string', enum: ['DaemonSet', 'Deployment', 'Service'] },
              name: {
                type: 'string',
                minLength: 1,
                maxLength: 253,
                pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
                'x-kubernetes-validations': [
                  { message: 'write an object\'s name, which is lower case letters, digits, "-" and "."' },
                ],
              },
            },
          },
          canaryReplicas: {
            'x-kubernetes-int-or-string': true,
            minimum: 1,
            maximum: 10000,
            maxLength: 4,
            pattern: '^([1-9][0-9]?|100)%$',
          },
          autoscalerRef: {
            type: 'object',
            required: ['apiVersion', 'kind', 'name'],
            properties: {
              apiVersion: { type: 'string', minLength: 1, maxLength: 253 },
              kind: { type: 'string', enum: ['HorizontalPodAutoscaler', 'ScaledObject'] },
              name: {
                type: 'string',
                minLength: 1,
                maxLength: 253,
                pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
                'x-kubernetes-validations': [
                  { message: 'write an object\'s name, which is lower case letters, digits, "-" and "."' },
                ],
              },
              primaryScalerQueries: {
                type: 'object',
                maxProperties: 32,
                additionalProperties: { type: 'string', maxLength: 8192 },
              },
              primaryScalerReplicas: {
                type: 'object',
                properties: {
                  minReplicas: { type: 'integer', format: 'int32', minimum: 1, maximum: 100000 },
                  maxReplicas: { type: 'integer', format: 'int32', minimum: 1, maximum: 100000 },
                },
              },
              canaryScalerReplicas: {
                type: 'object',
                properties: {
                  minReplicas: { type: 'integer', format: 'int32', minimum: 1, maximum: 100000 },
                  maxReplicas: { type: 'integer', format: 'int32', minimum: 1, maximum: 100000 },
                },
              },
            },
          },
          ingressRef: {
            type: 'object',
            required: ['apiVersion', 'kind', 'name'],
            properties: {
              apiVersion: { type: 'string', minLength: 1, maxLength: 253 },
              kind: { type: 'string', enum: ['Ingress'] },
              name: {
                type: 'string',
                minLength: 1,
                maxLength: 253,
                pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
                'x-kubernetes-validations': [
                  { message: 'write an object\'s name, which is lower case letters, digits, "-" and "."' },
                ],
              },
            },
          },
          routeRef: {
            type: 'object',
            required: ['apiVersion', 'kind', 'name'],
            properties: {
              apiVersion: { type: 'string', minLength: 1, maxLength: 253 },
              kind: { type: 'string', enum: ['ApisixRoute'] },
              name: {
                type: 'string',
                minLength: 1,
                maxLength: 253,
                pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
                'x-kubernetes-validations': [
                  { message: 'write an object\'s name, which is lower case letters, digits, "-" and "."' },
                ],
              },
            },
          },
          upstreamRef: {
            type: 'object',
            required: ['apiVersion', 'kind', 'name'],
            properties: {
              apiVersion: { type: 'string', minLength: 1, maxLength: 253 },
              kind: { type: 'string', enum: ['Upstream'] },
              name: {
                type: 'string',
                minLength: 1,
                maxLength: 253,
                pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
                'x-kubernetes-validations': [
                  { message: 'write an object\'s name, which is lower case letters, digits, "-" and "."' },
                ],
              },
              namespace: { type: 'string', maxLength: 63, pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$' },
            },
          },
          service: {
            type: 'object',
            required: ['port'],
            properties: {
              name: {
                type: 'string',
                maxLength: 63,
                pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
                'x-kubernetes-validations': [
                  { message: 'write a Service\'s name, which is lower case letters, digits and "-"' },
                ],
              },
              port: { type: 'integer', format: 'int32', minimum: 1, maximum: 65535 },
              portName: { type: 'string', maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', default: 'http' },
              targetPort: {
                'x-kubernetes-int-or-string': true,
                minimum: 1,
                maximum: 65535,
                maxLength: 15,
                pattern: '^[0-9-]*[a-z][a-z0-9-]*$',
              },
              appProtocol: { type: 'string', maxLength: 253 },
              trafficDistribution: { type: 'string', enum: ['PreferClose', 'PreferSameZone', 'PreferSameNode'] },
              portDiscovery: { type: 'boolean' },
              headless: { type: 'boolean' },
              timeout: {
                type: 'string',
                maxLength: 32,
                pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                'x-kubernetes-validations': [{ message: 'write a duration with its units, such as 30s, 1m30s or 2h' }],
              },
              backendTimeout: {
                type: 'string',
                maxLength: 32,
                pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                'x-kubernetes-validations': [{ message: 'write a duration with its units, such as 30s, 1m30s or 2h' }],
              },
              meshName: { type: 'string', maxLength: 253 },
              backends: { type: 'array', maxItems: 64, items: { type: 'string', maxLength: 253 } },
              gateways: {
                type: 'array',
                maxItems: 32,
                items: { type: 'string', minLength: 1, maxLength: 317, pattern: '^([-a-z0-9.]+/)?[-a-z0-9.]+$' },
              },
              hosts: {
                type: 'array',
                maxItems: 64,
                items: {
                  type: 'string',
                  minLength: 1,
                  maxLength: 253,
                  pattern: '^(\\*|(\\*\\.)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)$',
                  'x-kubernetes-validations': [
                    {
                      message:
                        'write a host name without scheme, port and path, such as app.example.com or *.example.com',
                    },
                  ],
                },
              },
              gatewayRefs: {
                type: 'array',
                maxItems: 32,
                items: {
                  type: 'object',
                  required: ['name'],
                  properties: {
                    group: {
                      type: 'string',
                      maxLength: 253,
                      pattern: '^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
                      default: 'gateway.networking.k8s.io',
                    },
                    kind: {
                      type: 'string',
                      minLength: 1,
                      maxLength: 63,
                      pattern: '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$',
                      default: 'Gateway',
                    },
                    name: { type: 'string', minLength: 1, maxLength: 253 },
                    namespace: { type: 'string', maxLength: 63, pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$' },
                    sectionName: { type: 'string', minLength: 1, maxLength: 253 },
                    port: { type: 'integer', format: 'int32', minimum: 1, maximum: 65535 },
                  },
                },
              },
              delegation: { type: 'boolean' },
              match: {
                type: 'array',
                maxItems: 32,
                items: {
                  type: 'object',
                  properties: {
                    name: { type: 'string', maxLength: 253 },
                    uri: {
                      type: 'object',
                      maxProperties: 1,
                      properties: {
                        exact: { type: 'string', maxLength: 2048 },
                        prefix: { type: 'string', maxLength: 2048 },
                        regex: { type: 'string', maxLength: 2048 },
                      },
                    },
                    scheme: {
                      type: 'object',
                      maxProperties: 1,
                      properties: {
                        exact: { type: 'string', maxLength: 2048 },
                        prefix: { type: 'string', maxLength: 2048 },
                        regex: { type: 'string', maxLength: 2048 },
                      },
                    },
                    method: {
                      type: 'object',
                      maxProperties: 1,
                      properties: {
                        exact: { type: 'string', maxLength: 2048 },
                        prefix: { type: 'string', maxLength: 2048 },
                        regex: { type: 'string', maxLength: 2048 },
                      },
                    },
                    authority: {
                      type: 'object',
                      maxProperties: 1,
                      properties: {
                        exact: { type: 'string', maxLength: 2048 },
                        prefix: { type: 'string', maxLength: 2048 },
                        regex: { type: 'string', maxLength: 2048 },
                      },
                    },
                    headers: {
                      type: 'object',
                      maxProperties: 32,
                      additionalProperties: {
                        type: 'object',
                        maxProperties: 1,
                        properties: {
                          exact: { type: 'string', maxLength: 2048 },
                          prefix: { type: 'string', maxLength: 2048 },
                          regex: { type: 'string', maxLength: 2048 },
                        },
                      },
                    },
                    withoutHeaders: {
                      type: 'object',
                      maxProperties: 32,
                      additionalProperties: {
                        type: 'object',
                        maxProperties: 1,
                        properties: {
                          exact: { type: 'string', maxLength: 2048 },
                          prefix: { type: 'string', maxLength: 2048 },
                          regex: { type: 'string', maxLength: 2048 },
                        },
                      },
                    },
                    queryParams: {
                      type: 'object',
                      maxProperties: 32,
                      additionalProperties: {
                        type: 'object',
                        maxProperties: 1,
                        properties: {
                          exact: { type: 'string', maxLength: 2048 },
                          prefix: { type: 'string', maxLength: 2048 },
                          regex: { type: 'string', maxLength: 2048 },
                        },
                      },
                    },
                    ignoreUriCase: { type: 'boolean' },
                    port: { type: 'integer', minimum: 1, maximum: 65535 },
                    gateways: { type: 'array', maxItems: 32, items: { type: 'string', maxLength: 317 } },
                    sourceLabels: {
                      type: 'object',
                      maxProperties: 32,
                      additionalProperties: { type: 'string', maxLength: 63 },
                    },
                    sourceNamespace: { type: 'string', maxLength: 63 },
                  },
                },
              },
              rewrite: {
                type: 'object',
                properties: {
                  uri: { type: 'string', maxLength: 2048 },
                  authority: { type: 'string', maxLength: 253 },
                  type: { type: 'string', enum: ['', 'ReplaceFullPath', 'ReplacePrefixMatch'] },
                },
              },
              retries: {
                type: 'object',
                properties: {
                  attempts: { type: 'integer', format: 'int32', minimum: 0, maximum: 1000 },
                  perTryTimeout: {
                    type: 'string',
                    maxLength: 32,
                    pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                    'x-kubernetes-validations': [
                      { message: 'write a duration with its units, such as 30s, 1m30s or 2h' },
                    ],
                  },
                  retryOn: { type: 'string', maxLength: 1024 },
                },
              },
              headers: {
                type: 'object',
                properties: {
                  request: {
                    type: 'object',
                    properties: {
                      add: {
                        type: 'object',
                        maxProperties: 64,
                        additionalProperties: { type: 'string', maxLength: 8192 },
                      },
                      set: {
                        type: 'object',
                        maxProperties: 64,
                        additionalProperties: { type: 'string', maxLength: 8192 },
                      },
                      remove: { type: 'array', maxItems: 64, items: { type: 'string', maxLength: 256 } },
                    },
                  },
                  response: {
                    type: 'object',
                    properties: {
                      add: {
                        type: 'object',
                        maxProperties: 64,
                        additionalProperties: { type: 'string', maxLength: 8192 },
                      },
                      set: {
                        type: 'object',
                        maxProperties: 64,
                        additionalProperties: { type: 'string', maxLength: 8192 },
                      },
                      remove: { type: 'array', maxItems: 64, items: { type: 'string', maxLength: 256 } },
                    },
                  },
                },
              },
              mirror: {
                type: 'array',
                maxItems: 16,
                items: {
                  type: 'object',
                  required: ['backendRef'],
                  properties: {
                    backendRef: {
                      type: 'object',
                      required: ['name'],
                      properties: {
                        group: { type: 'string', maxLength: 253, default: '' },
                        kind: { type: 'string', minLength: 1, maxLength: 63, default: 'Service' },
                        name: { type: 'string', minLength: 1, maxLength: 253 },
                        namespace: { type: 'string', maxLength: 63, pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$' },
                        port: { type: 'integer', format: 'int32', minimum: 1, maximum: 65535 },
                      },
                    },
                  },
                },
              },
              corsPolicy: {
                type: 'object',
                properties: {
                  allowOrigin: { type: 'array', maxItems: 64, items: { type: 'string', maxLength: 2048 } },
                  allowOrigins: {
                    type: 'array',
                    maxItems: 64,
                    items: {
                      type: 'object',
                      maxProperties: 1,
                      minProperties: 1,
                      properties: {
                        exact: { type: 'string', maxLength: 2048 },
                        prefix: { type: 'string', maxLength: 2048 },
                        regex: { type: 'string', maxLength: 2048 },
                      },
                    },
                  },
                  allowMethods: { type: 'array', maxItems: 32, items: { type: 'string', maxLength: 32 } },
                  allowHeaders: { type: 'array', maxItems: 64, items: { type: 'string', maxLength: 256 } },
                  exposeHeaders: { type: 'array', maxItems: 64, items: { type: 'string', maxLength: 256 } },
                  allowCredentials: { type: 'boolean' },
                  maxAge: {
                    type: 'string',
                    maxLength: 32,
                    pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                    'x-kubernetes-validations': [
                      { message: 'write a duration with its units, such as 30s, 1m30s or 2h' },
                    ],
                  },
                },
              },
              trafficPolicy: {
                type: 'object',
                properties: {
                  loadBalancer: {
                    type: 'object',
                    properties: {
                      simple: {
                        type: 'string',
                        enum: ['ROUND_ROBIN', 'LEAST_CONN', 'RANDOM', 'PASSTHROUGH', 'LEAST_REQUEST'],
                      },
                      consistentHash: {
                        type: 'object',
                        properties: {
                          httpHeaderName: { type: 'string', maxLength: 256 },
                          httpQueryParameterName: { type: 'string', maxLength: 256 },
                          useSourceIp: { type: 'boolean' },
                          httpCookie: {
                            type: 'object',
                            properties: {
                              name: { type: 'string', maxLength: 256 },
                              path: { type: 'string', maxLength: 2048 },
                              ttl: {
                                type: 'string',
                                maxLength: 32,
                                pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                                'x-kubernetes-validations': [
                                  { message: 'write a duration with its units, such as 30s, 1m30s or 2h' },
                                ],
                              },
                            },
                          },
                          minimumRingSize: { type: 'integer', minimum: 0, maximum: 8388608 },
                        },
                      },
                      localityLbSetting: {
                        type: 'object',
                        properties: {
                          enabled: { type: 'boolean' },
                          distribute: {
                            type: 'array',
                            maxItems: 64,
                            items: {
                              type: 'object',
                              properties: {
                                from: { type: 'string', maxLength: 253 },
                                to: {
                                  type: 'object',
                                  maxProperties: 64,
                                  additionalProperties: { type: 'integer', minimum: 0, maximum: 100 },
                                },
                              },
                            },
                          },
                          failover: {
                            type: 'array',
                            maxItems: 64,
                            items: {
                              type: 'object',
                              properties: {
                                from: { type: 'string', maxLength: 253 },
                                to: { type: 'string', maxLength: 253 },
                              },
                            },
                          },
                        },
                      },
                      warmupDurationSecs: {
                        type: 'string',
                        maxLength: 32,
                        pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                        'x-kubernetes-validations': [
                          { message: 'write a duration with its units, such as 30s, 1m30s or 2h' },
                        ],
                      },
                    },
                  },
                  connectionPool: {
                    type: 'object',
                    properties: {
                      tcp: {
                        type: 'object',
                        properties: {
                          maxConnections: { type: 'integer', format: 'int32', minimum: 0 },
                          connectTimeout: {
                            type: 'string',
                            maxLength: 32,
                            pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                            'x-kubernetes-validations': [
                              { message: 'write a duration with its units, such as 30s, 1m30s or 2h' },
                            ],
                          },
                        },
                      },
                      http: {
                        type: 'object',
                        properties: {
                          h2UpgradePolicy: { type: 'string', enum: ['DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE'] },
                          http1MaxPendingRequests: { type: 'integer', format: 'int32', minimum: 0 },
                          http2MaxRequests: { type: 'integer', format: 'int32', minimum: 0 },
                          maxRequestsPerConnection: { type: 'integer', format: 'int32', minimum: 0 },
                          maxRetries: { type: 'integer', format: 'int32', minimum: 0 },
                          idleTimeout: {
                            type: 'string',
                            maxLength: 32,
                            pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                            'x-kubernetes-validations': [
                              { message: 'write a duration with its units, such as 30s, 1m30s or 2h' },
                            ],
                          },
                        },
                      },
                    },
                  },
                  outlierDetection: {
                    type: 'object',
                    properties: {
                      consecutiveErrors: { type: 'integer', format: 'int32', minimum: 0 },
                      consecutive5xxErrors: { type: 'integer', minimum: 0, maximum: 4294967295 },
                      consecutiveGatewayErrors: { type: 'integer', minimum: 0, maximum: 4294967295 },
                      consecutiveLocalOriginFailures: { type: 'integer', minimum: 0, maximum: 4294967295 },
                      splitExternalLocalOriginErrors: { type: 'boolean' },
                      interval: {
                        type: 'string',
                        maxLength: 32,
                        pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                        'x-kubernetes-validations': [
                          { message: 'write a duration with its units, such as 30s, 1m30s or 2h' },
                        ],
                      },
                      baseEjectionTime: {
                        type: 'string',
                        maxLength: 32,
                        pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                        'x-kubernetes-validations': [
                          { message: 'write a duration with its units, such as 30s, 1m30s or 2h' },
                        ],
                      },
                      maxEjectionPercent: { type: 'integer', format: 'int32', minimum: 0, maximum: 100 },
                      minHealthPercent: { type: 'integer', format: 'int32', minimum: 0, maximum: 100 },
                    },
                  },
                  tls: {
                    type: 'object',
                    properties: {
                      mode: { type: 'string', enum: ['DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL'] },
                      clientCertificate: { type: 'string', maxLength: 4096 },
                      privateKey: { type: 'string', maxLength: 4096 },
                      caCertificates: { type: 'string', maxLength: 4096 },
                      subjectAltNames: { type: 'array', maxItems: 64, items: { type: 'string', maxLength: 2048 } },
                      sni: { type: 'string', maxLength: 253 },
                    },
                  },
                  portLevelSettings: {
                    type: 'array',
                    maxItems: 64,
                    items: {
                      type: 'object',
                      required: ['port'],
                      properties: {
                        port: {
                          type: 'object',
                          required: ['number'],
                          properties: { number: { type: 'integer', minimum: 1, maximum: 65535 } },
                        },
                        loadBalancer: {
                          type: 'object',
                          properties: {
                            simple: {
                              type: 'string',
                              enum: ['ROUND_ROBIN', 'LEAST_CONN', 'RANDOM', 'PASSTHROUGH', 'LEAST_REQUEST'],
                            },
                            consistentHash: {
                              type: 'object',
                              properties: {
                                httpHeaderName: { type: 'string', maxLength: 256 },
                                httpQueryParameterName: { type: 'string', maxLength: 256 },
                                useSourceIp: { type: 'boolean' },
                                httpCookie: {
                                  type: 'object',
                                  properties: {
                                    name: { type: 'string', maxLength: 256 },
                                    path: { type: 'string', maxLength: 2048 },
                                    ttl: {
                                      type: 'string',
                                      maxLength: 32,
                                      pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                                      'x-kubernetes-validations': [
                                        { message: 'write a duration with its units, such as 30s, 1m30s or 2h' },
                                      ],
                                    },
                                  },
                                },
                                minimumRingSize: { type: 'integer', minimum: 0, maximum: 8388608 },
                              },
                            },
                            localityLbSetting: {
                              type: 'object',
                              properties: {
                                enabled: { type: 'boolean' },
                                distribute: {
                                  type: 'array',
                                  maxItems: 64,
                                  items: {
                                    type: 'object',
                                    properties: {
                                      from: { type: 'string', maxLength: 253 },
                                      to: {
                                        type: 'object',
                                        maxProperties: 64,
                                        additionalProperties: { type: 'integer', minimum: 0, maximum: 100 },
                                      },
                                    },
                                  },
                                },
                                failover: {
                                  type: 'array',
                                  maxItems: 64,
                                  items: {
                                    type: 'object',
                                    properties: {
                                      from: { type: 'string', maxLength: 253 },
                                      to: { type: 'string', maxLength: 253 },
                                    },
                                  },
                                },
                              },
                            },
                            warmupDurationSecs: {
                              type: 'string',
                              maxLength: 32,
                              pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                              'x-kubernetes-validations': [
                                { message: 'write a duration with its units, such as 30s, 1m30s or 2h' },
                              ],
                            },
                          },
                        },
                        connectionPool: {
                          type: 'object',
                          properties: {
                            tcp: {
                              type: 'object',
                              properties: {
                                maxConnections: { type: 'integer', format: 'int32', minimum: 0 },
                                connectTimeout: {
                                  type: 'string',
                                  maxLength: 32,
                                  pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                                  'x-kubernetes-validations': [
                                    { message: 'write a duration with its units, such as 30s, 1m30s or 2h' },
                                  ],
                                },
                              },
                            },
                            http: {
                              type: 'object',
                              properties: {
                                h2UpgradePolicy: { type: 'string', enum: ['DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE'] },
                                http1MaxPendingRequests: { type: 'integer', format: 'int32', minimum: 0 },
                                http2MaxRequests: { type: 'integer', format: 'int32', minimum: 0 },
                                maxRequestsPerConnection: { type: 'integer', format: 'int32', minimum: 0 },
                                maxRetries: { type: 'integer', format: 'int32', minimum: 0 },
                                idleTimeout: {
                                  type: 'string',
                                  maxLength: 32,
                                  pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                                  'x-kubernetes-validations': [
                                    { message: 'write a duration with its units, such as 30s, 1m30s or 2h' },
                                  ],
                                },
                              },
                            },
                          },
                        },
                        outlierDetection: {
                          type: 'object',
                          properties: {
                            consecutiveErrors: { type: 'integer', format: 'int32', minimum: 0 },
                            consecutive5xxErrors: { type: 'integer', minimum: 0, maximum: 4294967295 },
                            consecutiveGatewayErrors: { type: 'integer', minimum: 0, maximum: 4294967295 },
                            consecutiveLocalOriginFailures: { type: 'integer', minimum: 0, maximum: 4294967295 },
                            splitExternalLocalOriginErrors: { type: 'boolean' },
                            interval: {
                              type: 'string',
                              maxLength: 32,
                              pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                              'x-kubernetes-validations': [
                                { message: 'write a duration with its units, such as 30s, 1m30s or 2h' },
                              ],
                            },
                            baseEjectionTime: {
                              type: 'string',
                              maxLength: 32,
                              pattern: '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|infinity)$',
                              'x-kubernetes-validations': [
                                { message: 'write a duration with its units, such as 30s, 1m30s or 2h' },
                              ],
                            },
                            maxEjectionPercent: { type: 'integer', format: 'int32', minimum: 0, maximum: 100 },
                            minHealthPercent: { type: 'integer', format: 'int32', minimum: 0, maximum: 100 },
                          },
                        },
                        tls: {
                          type: 'object',
                          properties: {
                            mode: { type: 'string', enum: ['DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL'] },
                            clientCertificate: { type: 'string', maxLength: 4096 },
                            privateKey: { type: 'string', maxLength: 4096 },
                            caCertificates: { type: 'string', maxLength: 4096 },
                            subjectAltNames: {
                              type: 'array',
                              maxItems: 64,
                              items: { type: 'string', maxLength: 2048 },
                            },
                            sni: { type: 'string', maxLength: 253 },
                          },
                        },
                      },
                    },
                  },
                },
              },
              apex: {
                type: 'object',
                properties: {
                  labels: {
                    type: 'object',
                    maxProperties: 64,
                    additionalProperties: { type: 'string', maxLength: 63 },
                  },
                  annotations: {
                    type: 'object',
                    maxProperties: 128,
                    additionalProperties: { type: 'string', maxLength: 65536 },
                  },
                },
              },
              primary: {
                type: 'object',
                properties: {
                  labels: {
                    type: 'object',
                    maxProperties: 64,
                    additionalProperties: { type: 'string', maxLength: 63 },
                  },
                  annotations: {
                    type: 'object',
                    maxProperties: 128,
                    additionalProperties: { type: 'string', maxLength: 65536 },
                  },
                },
              },
              canary: {
                type: 'object',
                properties: {
                  labels: {
                    type: 'object',
                    maxProperties: 64,
                    additionalProperties: { type: 'string', maxLength: 63 },
                  },
                  annotations: {
                    type: 'object',
                    maxProperties: 128,
                    additionalProperties: { type: 'string', maxLength: 65536 },
                  },
                },
              },
              unmanagedMetadata: {
                type: 'object',
                properties: {
                  annotations: { type: 'array', maxItems: 64, items: { type: 'string', maxLength: 317 } },
                  labels: { type: 'array', maxItems: 64, items: { type: 'string', maxLength: 317 } },
                },
              },
            },
          },
          analysis: {
            type: 'object',
            required: ['interval', 'threshold'],
            properties: {
              interval: {
                type: 'string',
                maxLength: 32,
                pattern: '^(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+$',
                'x-kubernetes-validations': [
                  { message: 'write a duration from 1s to 168h with its units, such as 30s, 1m30s or 2h' },
                ],
              },
              threshold: { type: 'integer', format: 'int32', minimum: 1, maximum: 10000 },
              iterations: { type: 'integer', format: 'int32', minimum: 1, maximum: 10000 },
              stepWeight: { type: 'integer', format: 'int32', minimum: 1, maximum: 100 },
              stepWeights: {
                type: 'array',
                minItems: 1,
                maxItems: 100,
                items: { type: 'integer', format: 'int32', minimum: 1, maximum: 100 },
              },
              maxWeight: { type: 'integer', format: 'int32', minimum: 1, maximum: 100 },
              stepWeightPromotion: { type: 'integer', format: 'int32', minimum: 0, maximum: 100 },
              drainSeconds: { type: 'integer', format: 'int32', minimum: 0, maximum: 3600, default: 5 },
              mirror: { type: 'boolean' },
              mirrorWeight: { type: 'integer', format: 'int32', minimum: 1, maximum: 100 },
              primaryReadyThreshold: { type: 'integer', format: 'int32', minimum: 0, maximum: 100, default: 100 },
              canaryReadyThreshold: { type: 'integer', format: 'int32', minimum: 0, maximum: 100, default: 100 },
              match: {
                type: 'array',
                maxItems: 32,
                items: {
                  type: 'object',
                  properties: {
                    headers: {
                      type: 'object',
                      maxProperties: 32,
                      additionalProperties: {
                        type: 'object',
                        minProperties: 1,
                        maxProperties: 1,
                        properties: {
                          exact: { type: 'string', maxLength: 2048 },
                          prefix: { type: 'string', maxLength: 2048 },
                          suffix: { type: 'string', maxLength: 2048 },
                          regex: { type: 'string', maxLength: 2048 },
                        },
                      },
                    },
                    queryParams: {
                      type: 'object',
                      maxProperties: 32,
                      additionalProperties: {
                        type: 'object',
                        maxProperties: 1,
                        properties: {
                          exact: { type: 'string', maxLength: 2048 },
                          prefix: { type: 'string', maxLength: 2048 },
                          regex: { type: 'string', maxLength: 2048 },
                        },
                      },
                    },
                    sourceLabels: {
                      type: 'object',
                      maxProperties: 32,
                      additionalProperties: { type: 'string', maxLength: 63 },
                    },
                  },
                },
              },
              sessionAffinity: {
                type: 'object',
                required: ['cookieName'],
                properties: {
                  cookieName: {
                    type: 'string',
                    minLength: 1,
                    maxLength: 256,
                    pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                  },
                  primaryCookieName: {
                    type: 'string',
                    minLength: 1,
                    maxLength: 256,
                    pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                  },
                  maxAge: { type: 'integer', format: 'int32', minimum: 1, maximum: 34560000, default: 86400 },
                  domain: { type: 'string', maxLength: 253, pattern: '^[A-Za-z0-9.-]*$' },
                  path: { type: 'string', maxLength: 1024, pattern: '^(/[^;\\s]*)?$' },
                  httpOnly: { type: 'boolean' },
                  secure: { type: 'boolean' },
                  sameSite: { type: 'string', enum: ['Strict', 'Lax', 'None'] },
                  partitioned: { type: 'boolean' },
                },
              },
              metrics: {
                type: 'array',
                maxItems: 64,
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['name'],
                items: {
                  type: 'object',
                  required: ['name'],
                  properties: {
                    name: {
                      type: 'string',
                      minLength: 1,
                      maxLength: 253,
                      pattern: '^[^\\x00-\\x1F\\x7F-\\x9F\u061c\u200e\u200f\\p{Zl}\\p{Zp}\u202a-\u202e\u2066-\u2069]*$',
                      'x-kubernetes-validations': [
                        { message: 'write it without control characters and marks that turn the direction of text' },
                      ],
                    },
                    interval: {
                      type: 'string',
                      maxLength: 32,
                      pattern:
                        '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|[1-9][0-9]*(s|sec|second|seconds|m|min|minute|minutes))$',
                      default: '1m',
                      'x-kubernetes-validations': [
                        { message: 'write a duration with its units, such as 30s, 1m or 2h' },
                      ],
                    },
                    thresholdRange: {
                      type: 'object',
                      properties: { min: { type: 'number' }, max: { type: 'number' } },
                    },
                    threshold: { type: 'number' },
                    templateRef: {
                      type: 'object',
                      required: ['name'],
                      properties: {
                        name: {
                          type: 'string',
                          minLength: 1,
                          maxLength: 253,
                          pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
                          'x-kubernetes-validations': [
                            { message: 'write an object\'s name, which is lower case letters, digits, "-" and "."' },
                          ],
                        },
                        namespace: { type: 'string', maxLength: 63, pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$' },
                      },
                    },
                    templateVariables: {
                      type: 'object',
                      maxProperties: 64,
                      additionalProperties: { type: 'string', maxLength: 4096 },
                    },
                    query: { type: 'string', maxLength: 16384 },
                    onNoData: { type: 'string', enum: ['fail', 'hold', 'pass'], default: 'fail' },
                    onError: { type: 'string', enum: ['fail', 'hold'], default: 'fail' },
                  },
                },
              },
              alerts: {
                type: 'array',
                maxItems: 32,
                items: {
                  type: 'object',
                  required: ['name', 'providerRef'],
                  properties: {
                    name: {
                      type: 'string',
                      minLength: 1,
                      maxLength: 253,
                      pattern: '^[^\\x00-\\x1F\\x7F-\\x9F\u061c\u200e\u200f\\p{Zl}\\p{Zp}\u202a-\u202e\u2066-\u2069]*$',
                      'x-kubernetes-validations': [
                        { message: 'write it without control characters and marks that turn the direction of text' },
                      ],
                    },
                    severity: { type: 'string', enum: ['', 'info', 'warn', 'error'], default: 'info' },
                    providerRef: {
                      type: 'object',
                      required: ['name'],
                      properties: {
                        name: {
                          type: 'string',
                          minLength: 1,
                          maxLength: 253,
                          pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
                          'x-kubernetes-validations': [
                            { message: 'write an object\'s name, which is lower case letters, digits, "-" and "."' },
                          ],
                        },
                        namespace: { type: 'string', maxLength: 63, pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$' },
                      },
                    },
                  },
                },
              },
              webhooks: {
                type: 'array',
                maxItems: 64,
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['name'],
                items: {
                  type: 'object',
                  required: ['name'],
                  properties: {
                    name: {
                      type: 'string',
                      minLength: 1,
                      maxLength: 253,
                      pattern: '^[^\\x00-\\x1F\\x7F-\\x9F\u061c\u200e\u200f\\p{Zl}\\p{Zp}\u202a-\u202e\u2066-\u2069]*$',
                      'x-kubernetes-validations': [
                        { message: 'write it without control characters and marks that turn the direction of text' },
                      ],
                    },
                    type: {
                      type: 'string',
                      enum: [
                        '',
                        'confirm-rollout',
                        'pre-rollout',
                        'rollout',
                        'confirm-traffic-increase',
                        'confirm-promotion',
                        'post-rollout',
                        'rollback',
                        'event',
                      ],
                      default: 'rollout',
                    },
                    url: {
                      type: 'string',
                      maxLength: 2048,
                      pattern:
                        '^https?://([^\\s/?#@]+@)?(\\[[0-9A-Fa-f:.%]+\\]|[A-Za-z0-9_.-]+)(:[0-9]{1,5})?([/?#]\\S*)?$',
                      'x-kubernetes-validations': [
                        { message: 'write a URL with its scheme and host, such as http://prometheus.monitoring:9090' },
                      ],
                    },
                    timeout: {
                      type: 'string',
                      maxLength: 32,
                      pattern: '^(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+$',
                      default: '10s',
                      'x-kubernetes-validations': [
                        { message: 'write a duration from 1ms to 24h with its units, such as 10s or 1m30s' },
                      ],
                    },
                    retries: { type: 'integer', format: 'int32', minimum: 0, maximum: 100 },
                    disableTLS: { type: 'boolean' },
                    muteAlert: { type: 'boolean' },
                    approvers: { type: 'string', enum: ['anyone', 'notAuthor'] },
                    headers: {
                      type: 'array',
                      maxItems: 16,
                      'x-kubernetes-list-type': 'map',
                      'x-kubernetes-list-map-keys': ['name'],
                      items: {
                        type: 'object',
                        required: ['name'],
                        properties: {
                          name: {
                            type: 'string',
                            minLength: 1,
                            maxLength: 256,
                            pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                            'x-kubernetes-validations': [
                              { message: 'write another header, as the call sets this one itself' },
                            ],
                          },
                          value: { type: 'string', maxLength: 8192, pattern: '^[^\\r\\n]*$' },
                          valueFrom: {
                            type: 'object',
                            required: ['secretKeyRef'],
                            properties: {
                              secretKeyRef: {
                                type: 'object',
                                required: ['name', 'key'],
                                properties: {
                                  name: {
                                    type: 'string',
                                    minLength: 1,
                                    maxLength: 253,
                                    pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
                                    'x-kubernetes-validations': [
                                      {
                                        message:
                                          'write an object\'s name, which is lower case letters, digits, "-" and "."',
                                      },
                                    ],
                                  },
                                  key: { type: 'string', minLength: 1, maxLength: 253, pattern: '^[-._a-zA-Z0-9]+$' },
                                },
                              },
                            },
                          },
                        },
                      },
                    },
                    metadata: {
                      type: 'object',
                      maxProperties: 64,
                      additionalProperties: { type: 'string', maxLength: 32768 },
                    },
                  },
                },
              },
            },
          },
          progressDeadlineSeconds: { type: 'integer', format: 'int32', minimum: 1, maximum: 604800, default: 600 },
          skipAnalysis: { type: 'boolean' },
          drift: { type: 'string', enum: ['hold', 'restore', 'report'] },
          revisionHistoryLimit: { type: 'integer', format: 'int32', minimum: 0, maximum: 100 },
          revertOnDeletion: { type: 'boolean' },
          suspend: { type: 'boolean' },
          targetKind: { type: 'string', enum: ['Deployment'] },
          virtualService: {
            type: 'object',
            required: ['name'],
            properties: {
              name: {
                type: 'string',
                minLength: 1,
                maxLength: 253,
                pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
                'x-kubernetes-validations': [
                  { message: 'write an object\'s name, which is lower case letters, digits, "-" and "."' },
                ],
              },
            },
          },
          primary: {
            type: 'object',
            required: ['name', 'host'],
            properties: {
              name: {
                type: 'string',
                minLength: 1,
                maxLength: 253,
                pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
                'x-kubernetes-validations': [
                  { message: 'write an object\'s name, which is lower case letters, digits, "-" and "."' },
                ],
              },
              host: { type: 'string', minLength: 1, maxLength: 253 },
            },
          },
          canary: {
            type: 'object',
            required: ['name', 'host'],
            properties: {
              name: {
                type: 'string',
                minLength: 1,
                maxLength: 253,
                pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
                'x-kubernetes-validations': [
                  { message: 'write an object\'s name, which is lower case letters, digits, "-" and "."' },
                ],
              },
              host: { type: 'string', minLength: 1, maxLength: 253 },
            },
          },
          canaryAnalysis: {
            type: 'object',
            required: ['threshold'],
            properties: {
              interval: {
                type: 'string',
                maxLength: 32,
                pattern: '^(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+$',
                default: '60s',
                'x-kubernetes-validations': [
                  { message: 'write a duration from 1s to 168h with its units, such as 30s, 1m30s or 2h' },
                ],
              },
              threshold: { type: 'integer', format: 'int32', minimum: 1, maximum: 10000 },
              iterations: { type: 'integer', format: 'int32', minimum: 1, maximum: 10000 },
              stepWeight: { type: 'integer', format: 'int32', minimum: 1, maximum: 100 },
              maxWeight: { type: 'integer', format: 'int32', minimum: 1, maximum: 100 },
              metrics: {
                type: 'array',
                maxItems: 64,
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['name'],
                items: {
                  type: 'object',
                  required: ['name', 'threshold'],
                  properties: {
                    name: {
                      type: 'string',
                      minLength: 1,
                      maxLength: 253,
                      pattern: '^[^\\x00-\\x1F\\x7F-\\x9F\u061c\u200e\u200f\\p{Zl}\\p{Zp}\u202a-\u202e\u2066-\u2069]*$',
                      'x-kubernetes-validations': [
                        { message: 'write it without control characters and marks that turn the direction of text' },
                      ],
                    },
                    interval: {
                      type: 'string',
                      maxLength: 32,
                      pattern:
                        '^((([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+|[1-9][0-9]*(s|sec|second|seconds|m|min|minute|minutes))$',
                      default: '1m',
                      'x-kubernetes-validations': [
                        { message: 'write a duration with its units, such as 30s, 1m or 2h' },
                      ],
                    },
                    threshold: { type: 'number' },
                    query: { type: 'string', maxLength: 16384 },
                  },
                },
              },
              webhooks: {
                type: 'array',
                maxItems: 64,
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['name'],
                items: {
                  type: 'object',
                  required: ['name', 'url'],
                  properties: {
                    name: {
                      type: 'string',
                      minLength: 1,
                      maxLength: 253,
                      pattern: '^[^\\x00-\\x1F\\x7F-\\x9F\u061c\u200e\u200f\\p{Zl}\\p{Zp}\u202a-\u202e\u2066-\u2069]*$',
                      'x-kubernetes-validations': [
                        { message: 'write it without control characters and marks that turn the direction of text' },
                      ],
                    },
                    type: {
                      type: 'string',
                      enum: ['', 'confirm-rollout', 'pre-rollout', 'rollout', 'confirm-promotion', 'post-rollout'],
                      default: 'rollout',
                    },
                    url: {
                      type: 'string',
                      maxLength: 2048,
                      pattern:
                        '^https?://([^\\s/?#@]+@)?(\\[[0-9A-Fa-f:.%]+\\]|[A-Za-z0-9_.-]+)(:[0-9]{1,5})?([/?#]\\S*)?$',
                      'x-kubernetes-validations': [
                        { message: 'write a URL with its scheme and host, such as http://prometheus.monitoring:9090' },
                      ],
                    },
                    timeout: {
                      type: 'string',
                      maxLength: 32,
                      pattern: '^(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+$',
                      default: '10s',
                      'x-kubernetes-validations': [
                        { message: 'write a duration from 1ms to 24h with its units, such as 10s or 1m30s' },
                      ],
                    },
                    metadata: {
                      type: 'object',
                      maxProperties: 64,
                      additionalProperties: { type: 'string', maxLength: 32768 },
                    },
                  },
                },
              },
            },
          },
        },
      },
      status: {
        type: 'object',
        properties: {
          observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
          phase: {
            type: 'string',
            enum: [
              '',
              'Initializing',
              'Initialized',
              'Waiting',
              'Progressing',
              'WaitingPromotion',
              'Promoting',
              'Finalising',
              'Succeeded',
              'Failed',
              'Terminating',
              'Terminated',
            ],
          },
          summary: {
            type: 'object',
            properties: {
              step: { type: 'string', maxLength: 32 },
              checks: { type: 'string', maxLength: 64 },
              next: { type: 'string', maxLength: 256 },
            },
          },
          step: { type: 'integer', format: 'int32', minimum: 0, maximum: 10000 },
          steps: { type: 'integer', format: 'int32', minimum: 0, maximum: 10000 },
          stepStartedAt: { type: 'string', format: 'date-time' },
          nextCheckAt: { type: 'string', format: 'date-time' },
          drainedAt: { type: 'string', format: 'date-time' },
          ending: {
            type: 'object',
            required: ['result', 'reason', 'message'],
            properties: {
              result: { type: 'string', enum: ['Succeeded', 'Failed', 'Aborted', 'Superseded', 'Reverted'] },
              reason: { type: 'string', maxLength: 64 },
              message: { type: 'string', maxLength: 1024 },
              by: { type: 'string', maxLength: 1024 },
            },
          },
          paused: {
            type: 'object',
            required: ['at'],
            properties: {
              by: { type: 'string', maxLength: 1024 },
              at: { type: 'string', format: 'date-time' },
              reason: { type: 'string', maxLength: 1024 },
            },
          },
          resumedAt: { type: 'string', format: 'date-time' },
          approvals: {
            type: 'array',
            maxItems: 64,
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['gate'],
            items: {
              type: 'object',
              required: ['gate', 'at'],
              properties: {
                gate: { type: 'string', maxLength: 253 },
                by: { type: 'string', maxLength: 1024 },
                at: { type: 'string', format: 'date-time' },
              },
            },
          },
          promotedBy: {
            type: 'object',
            required: ['at'],
            properties: {
              by: { type: 'string', maxLength: 1024 },
              at: { type: 'string', format: 'date-time' },
              reason: { type: 'string', maxLength: 1024 },
            },
          },
          decisions: {
            type: 'array',
            maxItems: 20,
            items: {
              type: 'object',
              required: ['uid', 'name', 'action', 'result', 'at'],
              properties: {
                uid: { type: 'string', maxLength: 64 },
                name: { type: 'string', maxLength: 253 },
                action: { type: 'string', maxLength: 32 },
                by: { type: 'string', maxLength: 1024 },
                at: { type: 'string', format: 'date-time' },
                result: { type: 'string', enum: ['Done', 'Rejected'] },
                reason: { type: 'string', maxLength: 64 },
                message: { type: 'string', maxLength: 2048 },
              },
            },
          },
          target: {
            type: 'object',
            required: ['revision', 'generation'],
            properties: {
              revision: { type: 'string', maxLength: 128 },
              generation: { type: 'integer', format: 'int64', minimum: 0 },
              uid: { type: 'string', maxLength: 64 },
              changedAt: { type: 'string', format: 'date-time' },
            },
          },
          startedAt: { type: 'string', format: 'date-time' },
          desiredWeight: { type: 'integer', format: 'int32', minimum: 0, maximum: 100 },
          actualWeight: { type: 'integer', format: 'int32', minimum: 0, maximum: 100 },
          canaryWeight: { type: 'integer', format: 'int32', minimum: 0, maximum: 100 },
          matchedOnly: { type: 'boolean' },
          mirrorWeight: { type: 'integer', format: 'int32', minimum: 0, maximum: 100 },
          failedChecks: { type: 'integer', format: 'int32', minimum: 0 },
          iterations: { type: 'integer', format: 'int32', minimum: -1 },
          checks: {
            type: 'array',
            maxItems: 128,
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['kind', 'name'],
            items: {
              type: 'object',
              required: ['kind', 'name', 'verdict'],
              properties: {
                kind: { type: 'string', enum: ['Metric', 'Webhook'] },
                name: { type: 'string', maxLength: 253 },
                verdict: { type: 'string', enum: ['Pass', 'Fail', 'Inconclusive', 'NoData', 'Error'] },
                value: { type: 'number' },
                thresholdRange: { type: 'object', properties: { min: { type: 'number' }, max: { type: 'number' } } },
                samples: { type: 'integer', format: 'int64', minimum: 0 },
                message: { type: 'string', maxLength: 1024 },
                checkedAt: { type: 'string', format: 'date-time' },
                measurements: {
                  type: 'array',
                  maxItems: 20,
                  items: {
                    type: 'object',
                    required: ['checkedAt', 'verdict'],
                    properties: {
                      checkedAt: { type: 'string', format: 'date-time' },
                      verdict: { type: 'string', enum: ['Pass', 'Fail', 'Inconclusive', 'NoData', 'Error'] },
                      value: { type: 'number' },
                      weight: { type: 'integer', format: 'int32', minimum: 0, maximum: 100 },
                    },
                  },
                },
              },
            },
          },
          waitingFor: {
            type: 'object',
            required: ['reason'],
            properties: {
              reason: { type: 'string', maxLength: 64 },
              message: { type: 'string', maxLength: 1024 },
              gate: { type: 'string', maxLength: 253 },
              until: { type: 'string', format: 'date-time' },
            },
          },
          failure: {
            type: 'object',
            required: ['reason', 'message'],
            properties: {
              reason: { type: 'string', maxLength: 64 },
              message: { type: 'string', maxLength: 4096 },
              failedAt: { type: 'string', format: 'date-time' },
              by: { type: 'string', maxLength: 1024 },
            },
          },
          triggeredBy: {
            type: 'object',
            required: ['username'],
            properties: {
              username: { type: 'string', maxLength: 1024 },
              changedAt: { type: 'string', format: 'date-time' },
            },
          },
          history: {
            type: 'array',
            maxItems: 20,
            items: {
              type: 'object',
              required: ['revision', 'result'],
              properties: {
                revision: { type: 'string', maxLength: 128 },
                result: { type: 'string', enum: ['Succeeded', 'Failed', 'Aborted', 'Superseded', 'Reverted'] },
                reason: { type: 'string', maxLength: 64 },
                message: { type: 'string', maxLength: 1024 },
                by: { type: 'string', maxLength: 1024 },
                weight: { type: 'integer', format: 'int32', minimum: 0, maximum: 100 },
                failedChecks: { type: 'integer', format: 'int32', minimum: 0 },
                startedAt: { type: 'string', format: 'date-time' },
                finishedAt: { type: 'string', format: 'date-time' },
                triggeredBy: {
                  type: 'object',
                  required: ['username'],
                  properties: {
                    username: { type: 'string', maxLength: 1024 },
                    changedAt: { type: 'string', format: 'date-time' },
                  },
                },
              },
            },
          },
          trackedConfigs: {
            type: 'object',
            maxProperties: 1024,
            additionalProperties: { type: 'string', maxLength: 128 },
          },
          scaler: {
            type: 'object',
            required: ['name', 'minReplicas', 'maxReplicas', 'rules', 'scaleDownSeconds'],
            properties: {
              name: { type: 'string', maxLength: 253 },
              minReplicas: { type: 'integer', format: 'int32', minimum: 0 },
              maxReplicas: { type: 'integer', format: 'int32', minimum: 0 },
              rules: { type: 'string', maxLength: 65536 },
              scaleDownSeconds: { type: 'integer', format: 'int32', minimum: 0, maximum: 3600 },
            },
          },
          previousScaler: {
            type: 'object',
            required: ['name', 'minReplicas', 'maxReplicas', 'rules', 'scaleDownSeconds'],
            properties: {
              name: { type: 'string', maxLength: 253 },
              minReplicas: { type: 'integer', format: 'int32', minimum: 0 },
              maxReplicas: { type: 'integer', format: 'int32', minimum: 0 },
              rules: { type: 'string', maxLength: 65536 },
              scaleDownSeconds: { type: 'integer', format: 'int32', minimum: 0, maximum: 3600 },
            },
          },
          primaryReplicas: { type: 'integer', format: 'int32', minimum: 1 },
          primaryHeldUntil: { type: 'string', format: 'date-time' },
          primary: {
            type: 'object',
            required: ['revision', 'template', 'uid', 'generation'],
            properties: {
              revision: { type: 'string', maxLength: 128 },
              template: { type: 'string', maxLength: 128 },
              uid: { type: 'string', maxLength: 128 },
              generation: { type: 'integer', format: 'int64' },
              changedTo: { type: 'string', maxLength: 128 },
              changedAt: { type: 'string', format: 'date-time' },
              restoredAt: { type: 'string', format: 'date-time' },
            },
          },
          stalePods: { type: 'boolean' },
          lastAppliedSpec: { type: 'string', maxLength: 128 },
          lastPromotedSpec: { type: 'string', maxLength: 128 },
          lastTransitionTime: { type: 'string', format: 'date-time' },
          sessionAffinityCookie: { type: 'string', maxLength: 1024 },
          previousSessionAffinityCookie: { type: 'string', maxLength: 1024 },
          primarySessionAffinityCookie: { type: 'string', maxLength: 1024 },
          conditions: {
            type: 'array',
            maxItems: 32,
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['type'],
            items: {
              type: 'object',
              required: ['type', 'status', 'reason'],
              properties: {
                type: { type: 'string', minLength: 1, maxLength: 316 },
                status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
                reason: { type: 'string', maxLength: 1024 },
                message: { type: 'string', maxLength: 32768 },
                observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
                lastTransitionTime: { type: 'string', format: 'date-time' },
                lastUpdateTime: { type: 'string', format: 'date-time' },
              },
            },
          },
        },
      },
    },
  },
  CanaryAction: {
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: {
        type: 'object',
        required: ['canary', 'revision', 'action'],
        properties: {
          canary: {
            type: 'string',
            minLength: 1,
            maxLength: 253,
            pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
            'x-kubernetes-validations': [
              { message: 'write an object\'s name, which is lower case letters, digits, "-" and "."' },
            ],
          },
          revision: { type: 'string', minLength: 1, maxLength: 128, pattern: '^[a-z0-9]+$' },
          action: { type: 'string', enum: ['promote', 'abort', 'pause', 'resume', 'retry', 'approve', 'reject'] },
          full: { type: 'boolean' },
          toStep: { type: 'integer', format: 'int32', minimum: 1, maximum: 10000 },
          fromStep: { type: 'integer', format: 'int32', minimum: 0, maximum: 10000 },
          gate: {
            type: 'string',
            minLength: 1,
            maxLength: 253,
            pattern: '^[^\\x00-\\x1F\\x7F-\\x9F\u061c\u200e\u200f\\p{Zl}\\p{Zp}\u202a-\u202e\u2066-\u2069]*$',
            'x-kubernetes-validations': [
              { message: 'write it without control characters and marks that turn the direction of text' },
            ],
          },
          reason: {
            type: 'string',
            maxLength: 1024,
            pattern:
              '^[^\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F\u061c\u200e\u200f\\p{Zl}\\p{Zp}\u202a-\u202e\u2066-\u2069]*$',
            'x-kubernetes-validations': [
              { message: 'write it without control characters and marks that turn the direction of text' },
            ],
          },
          requestedBy: { type: 'string', maxLength: 1024 },
          requestedAt: { type: 'string', format: 'date-time' },
        },
      },
      status: {
        type: 'object',
        properties: {
          observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
          phase: { type: 'string', enum: ['', 'Done', 'Rejected'] },
          message: { type: 'string', maxLength: 4096 },
          answeredAt: { type: 'string', format: 'date-time' },
          conditions: {
            type: 'array',
            maxItems: 32,
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['type'],
            items: {
              type: 'object',
              required: ['type', 'status', 'reason'],
              properties: {
                type: { type: 'string', minLength: 1, maxLength: 316 },
                status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
                reason: { type: 'string', maxLength: 1024 },
                message: { type: 'string', maxLength: 32768 },
                observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
                lastTransitionTime: { type: 'string', format: 'date-time' },
              },
            },
          },
        },
      },
    },
  },
  MetricTemplate: {
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: {
        type: 'object',
        required: ['provider', 'query'],
        properties: {
          provider: {
            type: 'object',
            required: ['type'],
            properties: {
              type: {
                type: 'string',
                enum: [
                  'cloudwatch',
                  'datadog',
                  'dynatrace',
                  'externalmetrics',
                  'graphite',
                  'influxdb',
                  'keptn',
                  'newrelic',
                  'prometheus',
                  'splunk',
                  'stackdriver',
                ],
              },
              address: { type: 'string', maxLength: 2048 },
              headers: {
                type: 'object',
                maxProperties: 32,
                additionalProperties: { type: 'array', maxItems: 16, items: { type: 'string', maxLength: 8192 } },
              },
              secretRef: {
                type: 'object',
                required: ['name'],
                properties: {
                  name: {
                    type: 'string',
                    minLength: 1,
                    maxLength: 253,
                    pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
                    'x-kubernetes-validations': [
                      { message: 'write an object\'s name, which is lower case letters, digits, "-" and "."' },
                    ],
                  },
                },
              },
              region: { type: 'string', maxLength: 64 },
              insecureSkipVerify: { type: 'boolean' },
            },
          },
          query: { type: 'string', minLength: 1, maxLength: 16384 },
        },
      },
      status: {
        type: 'object',
        properties: {
          observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
          conditions: {
            type: 'array',
            maxItems: 32,
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['type'],
            items: {
              type: 'object',
              required: ['type', 'status', 'reason'],
              properties: {
                type: { type: 'string', minLength: 1, maxLength: 316 },
                status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
                reason: { type: 'string', maxLength: 1024 },
                message: { type: 'string', maxLength: 32768 },
                observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
                lastTransitionTime: { type: 'string', format: 'date-time' },
              },
            },
          },
        },
      },
    },
  },
};
