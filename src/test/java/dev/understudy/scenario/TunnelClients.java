package dev.understudy.scenario;

import dev.understudy.testing.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Open WebSockets that remember how they ended. */
public final class TunnelClients implements AutoCloseable {
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Client> clients = new ArrayList<>();

  /** One WebSocket. */
  public static final class Client implements WebSocket.Listener {
    private final CompletableFuture<WebSocket> open = new CompletableFuture<>();
    private final CompletableFuture<String> first = new CompletableFuture<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();

    /** The first message: the server's name; fails if the connection breaks before. */
    public CompletableFuture<String> server() {
      return first;
    }

    /** The close code, or -1 if it broke; completes when it ended. */
    public CompletableFuture<Integer> closed() {
      return closed;
    }

    /** Ends it with code 1000. */
    public void leave() {
      open.thenAccept(socket -> socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        first.complete(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      closed.complete(status);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      first.completeExceptionally(error);
      closed.complete(-1);
    }
  }

  /** Opens that many and waits for the first message of each. */
  public static TunnelClients open(int port, int count) {
    TunnelClients all = new TunnelClients();
    for (int i = 0; i < count; i++) {
      all.clients.add(connect(all.http, port).join());
    }
    all.clients.forEach(client -> client.server().join());
    return all;
  }

  /** Opens one over that client; completes with the server's handshake. */
  public static CompletableFuture<Client> connect(HttpClient http, int port) {
    Client client = new Client();
    return http.newWebSocketBuilder()
        .buildAsync(URI.create("ws://127.0.0.1:" + port + "/websocket"), client)
        .thenApply(
            socket -> {
              client.open.complete(socket);
              return client;
            });
  }

  public List<Client> clients() {
    return clients;
  }

  /** Waits until all have ended; their close codes. */
  public List<Integer> awaitClosed() {
    Await.until(
        "every WebSocket client was told",
        () -> clients.stream().allMatch(c -> c.closed().isDone()));
    return clients.stream().map(c -> c.closed().join()).toList();
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
