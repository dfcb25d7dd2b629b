package dev.understudy.proxy.tunnel;

import static dev.understudy.proxy.tunnel.Wires.TEXT_HI;
import static dev.understudy.proxy.tunnel.Wires.ends;
import static dev.understudy.proxy.tunnel.Wires.isReset;
import static dev.understudy.proxy.tunnel.Wires.receive;
import static dev.understudy.proxy.tunnel.Wires.receiveClose;
import static dev.understudy.proxy.tunnel.Wires.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.listener.OwnKeys;
import dev.understudy.proxy.tunnel.TunnelRig.Transport;
import dev.understudy.proxy.tunnel.TunnelRig.Wire;
import dev.understudy.proxy.tunnel.Wires.Close;
import dev.understudy.testing.Extent;
import dev.understudy.traffic.RequestEnd;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tunnels of TLS clients, and of a WebSocket client that is not ours. */
@Tag(Extent.FULL)
class TunnelClientsTest {
  static Stream<Arguments> versionsAndTransports() {
    return Transport.tested().stream()
        .flatMap(
            transport ->
                Stream.of("TLSv1.2", "TLSv1.3").map(version -> Arguments.of(version, transport)));
  }

  @ParameterizedTest
  @MethodSource("versionsAndTransports")
  void a_tls_client_is_relayed_and_gets_a_close_frame(String protocol, Transport transport)
      throws Exception {
    try (TunnelRig rig =
            new TunnelRig(transport, any -> 0, Tunnels.PHASE_TIMEOUT, serverTls(), any -> {});
        Wire wire = rig.wire(tlsClient(rig, protocol))) {
      byte[] up = new byte[1_000_000];
      new Random(7).nextBytes(up);
      Thread sender = Thread.startVirtualThread(() -> sendQuietly(wire.client(), up));
      assertThat(wire.server().getInputStream().readNBytes(up.length)).isEqualTo(up);
      sender.join();
      send(wire.server(), TEXT_HI);
      assertThat(receive(wire.client(), 4)).isEqualTo(TEXT_HI);
      rig.snapshots.masterFails();
      assertThat(receiveClose(wire.client())).isEqualTo(new Close(1012, "", false));
      assertThat(ends(wire.client())).isTrue();
      assertThat(wire.end().bytesIn()).isEqualTo(up.length);
    }
  }

  @ParameterizedTest
  @MethodSource("versionsAndTransports")
  void a_tls_client_is_reset_within_a_frame_without_a_close_notify(
      String protocol, Transport transport) throws Exception {
    try (TunnelRig rig =
            new TunnelRig(transport, any -> 0, Tunnels.PHASE_TIMEOUT, serverTls(), any -> {});
        Wire wire = rig.wire(tlsClient(rig, protocol))) {
      send(wire.server(), "810568");
      assertThat(receive(wire.client(), 3)).isEqualTo("810568");
      wire.server().close();
      assertThat(isReset(wire.client())).isTrue();
      assertThat(wire.end().reason()).isEqualTo(RequestEnd.TUNNEL_BROKEN);
    }
  }

  @ParameterizedTest
  @MethodSource("versionsAndTransports")
  void a_tls_client_that_hangs_up_ends_its_servers_side(String protocol, Transport transport)
      throws Exception {
    try (TunnelRig rig =
            new TunnelRig(transport, any -> 0, Tunnels.PHASE_TIMEOUT, serverTls(), any -> {});
        Wire wire = rig.wire(tlsClient(rig, protocol))) {
      send(wire.server(), TEXT_HI);
      assertThat(receive(wire.client(), 4)).isEqualTo(TEXT_HI);
      wire.client().close();
      assertThat(ends(wire.server())).isTrue();
      assertThat(wire.end().reason()).isEqualTo(RequestEnd.TUNNEL_CLOSED);
    }
  }

  @ParameterizedTest
  @MethodSource("versionsAndTransports")
  void a_tls_client_of_another_protocol_that_resets_has_its_servers_side_reset(
      String protocol, Transport transport) throws Exception {
    try (TunnelRig rig =
        new TunnelRig(transport, any -> 0, Tunnels.PHASE_TIMEOUT, serverTls(), any -> {})) {
      rig.beUnknown();
      try (Socket client = new Socket(InetAddress.getLoopbackAddress(), rig.port());
          Wire wire = rig.wire(tls(client, protocol))) {
        send(wire.client(), TEXT_HI);
        assertThat(receive(wire.server(), 4)).isEqualTo(TEXT_HI);
        client.setSoLinger(true, 0);
        client.close();
        assertThat(isReset(wire.server())).isTrue();
        assertThat(wire.end().reason()).isEqualTo(RequestEnd.TUNNEL_CLOSED);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.understudy.proxy.tunnel.TunnelRig$Transport#tested")
  void the_jdks_websocket_client_receives_the_restart_close_and_its_close_ends_it(
      Transport transport) throws Exception {
    TunnelRig[] rig = new TunnelRig[1];
    rig[0] =
        new TunnelRig(
            transport,
            any -> 0,
            Tunnels.PHASE_TIMEOUT,
            null,
            client -> acceptHandshake(client, rig));
    CompletableFuture<String> closed = new CompletableFuture<>();
    CompletableFuture<String> text = new CompletableFuture<>();
    try (TunnelRig each = rig[0];
        HttpClient http = HttpClient.newHttpClient()) {
      CompletableFuture<WebSocket> opening =
          http.newWebSocketBuilder()
              .buildAsync(
                  URI.create("ws://127.0.0.1:" + each.port() + "/websocket"),
                  listener(text, closed));
      // The client's socket is inside the JDK's client; this one stands in for it.
      try (Wire wire = each.wire(new Socket())) {
        WebSocket socket = opening.get(20, TimeUnit.SECONDS);
        send(wire.server(), TEXT_HI);
        assertThat(text.get(20, TimeUnit.SECONDS)).isEqualTo("hi");
        each.snapshots.masterFails();
        assertThat(closed.get(20, TimeUnit.SECONDS)).isEqualTo("1012 ");
        assertThat(receiveClose(wire.server()).code()).isEqualTo(1001);
        assertThat(wire.end().reason()).isEqualTo(RequestEnd.TUNNEL_TOLD);
        assertThat(socket.isInputClosed()).isTrue();
      }
    }
  }

  private static WebSocket.Listener listener(
      CompletableFuture<String> text, CompletableFuture<String> closed) {
    return new WebSocket.Listener() {
      @Override
      public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        text.complete(data.toString());
        socket.request(1);
        return null;
      }

      @Override
      public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        closed.complete(code + " " + reason);
        return null;
      }

      @Override
      public void onError(WebSocket socket, Throwable error) {
        closed.completeExceptionally(error);
      }
    };
  }

  /** Plays the part of the lanes: answers the handshake, takes HTTP away, opens the tunnel. */
  private static void acceptHandshake(Channel client, TunnelRig[] rig) {
    client.pipeline().addLast(new HttpServerCodec());
    client
        .pipeline()
        .addLast(
            new SimpleChannelInboundHandler<HttpObject>() {
              private String key = "";

              @Override
              protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
                if (message instanceof HttpRequest request) {
                  key = request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY);
                }
                if (message instanceof LastHttpContent) {
                  ctx.writeAndFlush(switching(key));
                  ctx.pipeline().remove(this);
                  ctx.pipeline().remove(HttpServerCodec.class);
                  rig[0].join(ctx.channel());
                }
              }
            });
    client.read();
  }

  private static FullHttpResponse switching(String key) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
    response
        .headers()
        .set(HttpHeaderNames.UPGRADE, "websocket")
        .set(HttpHeaderNames.CONNECTION, "Upgrade")
        .set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept(key));
    return response;
  }

  private static String accept(String key) {
    try {
      byte[] text =
          (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SslContext serverTls() throws Exception {
    X509Bundle certificate = OwnKeys.of(CertificateBuilder.Algorithm.ecp256);
    return SslContextBuilder.forServer(certificate.toKeyManagerFactory()).build();
  }

  private static Socket tlsClient(TunnelRig rig, String protocol) throws Exception {
    return tls(new Socket(InetAddress.getLoopbackAddress(), rig.port()), protocol);
  }

  /**
   * Leaves the handshake to the first read or write: a second one would be a renegotiation, and
   * would take an end of the stream for its own.
   */
  private static Socket tls(Socket connected, String protocol) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        null,
        new TrustManager[] {InsecureTrustManagerFactory.INSTANCE.getTrustManagers()[0]},
        null);
    SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(connected, "localhost", connected.getPort(), true);
    socket.setEnabledProtocols(new String[] {protocol});
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void sendQuietly(Socket socket, byte[] bytes) {
    try {
      send(socket, bytes);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
