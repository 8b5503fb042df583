package main

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"go.etcd.io/etcd/server/v3/embed"
)

// runEtcd starts one member without fsync: a sandbox's data is thrown away with it, and a busy disk must not
// slow the API server down.
func runEtcd() int {
	dir := flag.String("data-dir", "", "where the data goes")
	client := flag.String("listen-client-url", "http://127.0.0.1:2379", "where clients connect")
	peer := flag.String("listen-peer-url", "http://127.0.0.1:2380", "where members would connect")
	flag.Parse()

	config := embed.NewConfig()
	config.Dir = *dir
	config.LogLevel = "warn"
	// Without a threshold of its own, the embedded server takes every request for a slow one and logs it.
	config.WarningUnaryRequestDuration = embed.DefaultWarningUnaryRequestDuration
	config.UnsafeNoFsync = true
	config.QuotaBackendBytes = 4 << 30
	clientURL, err := url.Parse(*client)
	if err != nil {
		return fail(err)
	}
	peerURL, err := url.Parse(*peer)
	if err != nil {
		return fail(err)
	}
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{*clientURL}, []url.URL{*clientURL}
	config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{*peerURL}, []url.URL{*peerURL}
	config.InitialCluster = config.InitialClusterFromName(config.Name)

	server, err := embed.StartEtcd(config)
	if err != nil {
		return fail(err)
	}
	defer server.Close()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	select {
	case err := <-server.Err():
		return fail(err)
	case <-stop:
		return 0
	}
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}
