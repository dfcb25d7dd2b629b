package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.listener.FrontendRig.Entrance;
import dev.understudy.testing.Await;
import dev.understudy.traffic.RequestEnd;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** WebSocket tunnels from the express lane. */
class FrontendTunnelTest {
  private static final String HANDSHAKE =
      "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

  /** A text frame "hi" of a client, masked with nothing (RFC 6455 §5.3). */
  private static final byte[] FROM_CLIENT = {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'};

  private FrontendRig rig;

  @AfterEach
  void close() {
    rig.close();
  }

  private Socket connect(Entrance entrance) throws Exception {
    Socket socket;
    if (entrance == Entrance.PLAIN) {
      socket = new Socket(InetAddress.getLoopbackAddress(), rig.port());
    } else {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
      SSLSocket secure =
          (SSLSocket)
              tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), rig.port());
      SSLParameters parameters = secure.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"http/1.1"});
      secure.setSSLParameters(parameters);
      socket = secure;
    }
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static String head(InputStream in) throws Exception {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      head.write(in.read());
    }
    return head.toString(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @EnumSource(Entrance.class)
  void bytes_right_behind_the_handshake_pass_and_a_stop_sends_1001(Entrance entrance)
      throws Exception {
    rig = new FrontendRig(entrance);
    CompletableFuture<byte[]> received = new CompletableFuture<>();
    CompletableFuture<byte[]> farewell = new CompletableFuture<>();
    rig.server.script(
        call -> {
          // With the first frame right behind it.
          call.write(
              "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                  + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
          call.socket().getOutputStream().write(new byte[] {(byte) 0x82, 2, 'o', 'k'});
          received.complete(call.in().readNBytes(FROM_CLIENT.length));
          farewell.complete(call.in().readNBytes(2));
          call.in().readAllBytes();
        });
    try (Socket client = connect(entrance)) {
      client.getOutputStream().write(HANDSHAKE.getBytes(StandardCharsets.US_ASCII));
      InputStream in = client.getInputStream();
      assertThat(head(in)).startsWith("HTTP/1.1 101").contains("Sec-WebSocket-Accept");
      client.getOutputStream().write(FROM_CLIENT);
      assertThat(in.readNBytes(4)).containsExactly(0x82, 2, 'o', 'k');
      assertThat(received.get(20, TimeUnit.SECONDS)).isEqualTo(FROM_CLIENT);
      assertThat(rig.frontend.connections().connections()).isEqualTo(1);

      CompletableFuture<Void> stopped = rig.stop();
      stopped.get(20, TimeUnit.SECONDS);
      assertThat(rig.frontend.connections().connections()).isEqualTo(1);
      var drained = rig.tunnels.drainAll(Duration.ofSeconds(5)).toCompletableFuture();
      byte[] close = in.readNBytes(4);
      assertThat(close[0]).isEqualTo((byte) 0x88);
      assertThat(((close[2] & 0xff) << 8) | (close[3] & 0xff)).isEqualTo(1001);
      assertThat(farewell.get(20, TimeUnit.SECONDS)[0]).isEqualTo((byte) 0x88);
      drained.get(20, TimeUnit.SECONDS);
      Await.until("it is gone", () -> rig.frontend.connections().connections() == 0);
      assertThat(rig.seen.outcome().end()).isEqualTo(RequestEnd.TUNNEL_TOLD);
    }
  }
}
