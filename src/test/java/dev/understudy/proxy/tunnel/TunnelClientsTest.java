package dev.understudy.proxy.tunnel;

import static dev.understudy.proxy.tunnel.Wires.sendMeanwhile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.listener.OwnKeys;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Transport;
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
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tunnels of TLS clients, and of a WebSocket client that is not ours. */
@Tag(Extent.FULL)
@ParameterizedClass
@MethodSource(Transport.TESTED)
class TunnelClientsTest extends Tunneled {
  private static final String TLS_1_2 = "TLSv1.2";
  private static final String TLS_1_3 = "TLSv1.3";

  /** The TCP connection of the client of {@link #open(String, boolean)}. */
  private Socket raw;

  private void open(String protocol, boolean webSocket) throws Exception {
    rig = new TunnelRig(transport, any -> 0, Tunnels.PHASE_TIMEOUT, serverTls(), any -> {});
    if (!webSocket) {
      rig.beUnknown();
    }
    raw = new Socket(InetAddress.getLoopbackAddress(), rig.port());
    wire = rig.wire(tls(raw, protocol));
    client = wire.client();
    server = wire.server();
  }

  @ParameterizedTest
  @ValueSource(strings = {TLS_1_2, TLS_1_3})
  void a_tls_client_is_relayed_and_gets_a_close_frame(String protocol) throws Exception {
    open(protocol, true);
    byte[] up = new byte[1_000_000];
    new Random(7).nextBytes(up);
    Thread sender = sendMeanwhile(client, up);
    assertThat(server.getInputStream().readNBytes(up.length)).isEqualTo(up);
    sender.join();
    play("s:HI>c fails c=RESTART c=END");
    assertThat(wire.end().bytesIn()).isEqualTo(up.length);
  }

  @ParameterizedTest
  @ValueSource(strings = {TLS_1_2, TLS_1_3})
  void a_tls_client_is_reset_within_a_frame_without_a_close_notify(String protocol)
      throws Exception {
    open(protocol, true);
    play("s:PART>c s:close c=RESET");
    assertEnd("BROKEN reported");
  }

  @ParameterizedTest
  @ValueSource(strings = {TLS_1_2, TLS_1_3})
  void a_tls_client_that_hangs_up_ends_its_servers_side(String protocol) throws Exception {
    open(protocol, true);
    play("s:HI>c c:close s=END");
    assertEnd("CLOSED");
  }

  @ParameterizedTest
  @ValueSource(strings = {TLS_1_2, TLS_1_3})
  void a_tls_client_of_another_protocol_that_resets_has_its_servers_side_reset(String protocol)
      throws Exception {
    open(protocol, false);
    play("c:HI>s");
    reset(raw);
    play("s=RESET");
    assertEnd("CLOSED");
  }

  @Test
  void the_jdks_websocket_client_receives_the_restart_close_and_its_close_ends_it()
      throws Exception {
    rig = new TunnelRig(transport, any -> 0, Tunnels.PHASE_TIMEOUT, null, this::acceptHandshake);
    CompletableFuture<String> closed = new CompletableFuture<>();
    CompletableFuture<String> text = new CompletableFuture<>();
    try (HttpClient http = HttpClient.newHttpClient()) {
      CompletableFuture<WebSocket> opening =
          http.newWebSocketBuilder()
              .buildAsync(
                  URI.create("ws://127.0.0.1:" + rig.port() + "/websocket"),
                  listener(text, closed));
      // The client's socket is inside the JDK's client; this one stands in for it.
      wire = rig.wire(new Socket());
      server = wire.server();
      WebSocket socket = opening.get(20, TimeUnit.SECONDS);
      play("s:HI");
      assertThat(text.get(20, TimeUnit.SECONDS)).isEqualTo("hi");
      play("fails");
      assertThat(closed.get(20, TimeUnit.SECONDS)).isEqualTo("1012 ");
      play("s=AWAY");
      assertEnd("TOLD");
      assertThat(socket.isInputClosed()).isTrue();
      wire.close();
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
  private void acceptHandshake(Channel client) {
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
                  rig.join(ctx.channel());
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
}
