// The NetworkPolicy enforcer of SIG Network, as a program on the node. The usual one runs as a pod with the host's network and
// has the kernel hand packets over by an nftables rule, which kernels without CONFIG_NFT_QUEUE refuse: here the sandbox writes
// the rule with iptables, and what nftables refuses is only logged.
package main

import (
	"context"
	"flag"
	"os/signal"
	"syscall"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

func main() {
	klog.InitFlags(nil)
	kubeconfig := flag.String("kubeconfig", "", "whose rights to list pods, namespaces and policies")
	node := flag.String("node", "", "whose pods are isolated")
	queue := flag.Int("queue", 100, "the netfilter queue that packets come from")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		klog.Fatal(err)
	}
	clientset, err := kubernetes.NewForConfig(config)
	if err != nil {
		klog.Fatal(err)
	}
	factory := informers.NewSharedInformerFactory(clientset, 0)
	controller, err := networkpolicy.NewController(
		clientset,
		factory.Networking().V1().NetworkPolicies(),
		factory.Core().V1().Namespaces(),
		factory.Core().V1().Pods(),
		nil, nil, nil, nil,
		// Without NRI it would end at the first address that is no pod's. That there is no container runtime is only logged.
		networkpolicy.Config{QueueID: *queue, NodeName: *node},
	)
	if err != nil {
		klog.Fatal(err)
	}
	factory.Start(ctx.Done())
	if err := controller.Run(ctx); err != nil {
		klog.Fatal(err)
	}
}
