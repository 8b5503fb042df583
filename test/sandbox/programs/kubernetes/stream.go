package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/creack/pty"
	"k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

const (
	streamIdle     = 4 * time.Hour
	streamCreation = 30 * time.Second
)

// runStreamServer speaks the SPDY and WebSocket sides of `kubectl exec` and `kubectl port-forward` for the process
// kubelet, which has no such library in its language. It listens on a socket that only the kubelet can open and does
// as it is told: GET /exec?command=...&input=1&output=1&error=1&tty=1 runs that very command, GET
// /portforward?address=10.244.0.7 forwards to the ports of that address.
func runStreamServer() int {
	socket := flag.String("socket", "", "the Unix socket to listen on")
	flag.Parse()
	listener, err := net.Listen("unix", *socket)
	if err != nil {
		return fail(err)
	}
	if err := os.Chmod(*socket, 0o600); err != nil {
		return fail(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/exec", serveExec)
	mux.HandleFunc("/portforward", servePortForward)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: streamCreation}
	return fail(server.Serve(listener))
}

func serveExec(w http.ResponseWriter, req *http.Request) {
	options, err := remotecommand.NewOptions(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	remotecommand.ServeExec(w, req, processExecutor{}, "", "", "", req.URL.Query()["command"], options,
		streamIdle, streamCreation, remotecommand.SupportedStreamingProtocols)
}

func servePortForward(w http.ResponseWriter, req *http.Request) {
	options, err := portforward.NewV4Options(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	portforward.ServePortForward(w, req, dialForwarder{address: req.URL.Query().Get("address")}, "", "", options,
		streamIdle, streamCreation, portforward.SupportedProtocols)
}

type processExecutor struct{}

func (processExecutor) ExecInContainer(ctx context.Context, _, _, _ string, argv []string, in io.Reader,
	out, errOut io.WriteCloser, tty bool, resize <-chan remotecommand.TerminalSize, _ time.Duration) error {
	if len(argv) == 0 {
		return errors.New("no command")
	}
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Env = []string{"PATH=" + os.Getenv("PATH")}
	if tty {
		return exitCode(runOnTerminal(command, in, out, resize))
	}
	if out != nil {
		command.Stdout = out
	}
	if errOut != nil {
		command.Stderr = errOut
	}
	if in != nil {
		// A pipe of our own: with command.Stdin, Wait would last until the client closes its side.
		stdin, err := command.StdinPipe()
		if err != nil {
			return err
		}
		go func() {
			defer stdin.Close()
			io.Copy(stdin, in) //nolint:errcheck
		}()
	}
	return exitCode(command.Run())
}

func runOnTerminal(command *exec.Cmd, in io.Reader, out io.WriteCloser, resize <-chan remotecommand.TerminalSize) error {
	terminal, err := pty.Start(command)
	if err != nil {
		return err
	}
	defer terminal.Close()
	go func() {
		for size := range resize {
			pty.Setsize(terminal, &pty.Winsize{Rows: size.Height, Cols: size.Width}) //nolint:errcheck
		}
	}()
	if in != nil {
		go io.Copy(terminal, in) //nolint:errcheck
	}
	if out != nil {
		io.Copy(out, terminal) //nolint:errcheck // ends with EIO when the command does
	}
	return command.Wait()
}

func exitCode(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return utilexec.CodeExitError{Err: fmt.Errorf("command terminated with exit code %d", exit.ExitCode()), Code: exit.ExitCode()}
	}
	return err
}

type dialForwarder struct{ address string }

func (f dialForwarder) PortForward(ctx context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(f.address, strconv.Itoa(int(port))))
	if err != nil {
		return err
	}
	defer connection.Close()
	done := make(chan struct{}, 2)
	go func() { io.Copy(connection, stream); connection.(*net.TCPConn).CloseWrite(); done <- struct{}{} }() //nolint:errcheck
	go func() { io.Copy(stream, connection); stream.Close(); done <- struct{}{} }()                         //nolint:errcheck
	<-done
	<-done
	return nil
}
