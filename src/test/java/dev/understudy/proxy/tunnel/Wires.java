package dev.understudy.proxy.tunnel;

import dev.understudy.testing.Await;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Writing and reading raw WebSocket frames in tests. */
final class Wires {
  static final String TEXT_HI = "81026869";

  private Wires() {}

  /** A close frame as it came off the wire. */
  record Close(int code, String reason, boolean masked) {}

  static void send(Socket socket, String hex) throws IOException {
    send(socket, HexFormat.of().parseHex(hex));
  }

  static void send(Socket socket, byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Reads exactly that many bytes, as hex. */
  static String receive(Socket socket, int count) throws IOException {
    return HexFormat.of().formatHex(new DataInputStream(socket.getInputStream()).readNBytes(count));
  }

  /** Reads one frame, which must be a close frame. */
  static Close receiveClose(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    int first = in.readUnsignedByte();
    if (first != 0x88) {
      throw new AssertionError("expected a close frame, found " + Integer.toHexString(first));
    }
    int second = in.readUnsignedByte();
    boolean masked = (second & 0x80) != 0;
    byte[] mask = masked ? in.readNBytes(4) : new byte[4];
    byte[] payload = in.readNBytes(second & 0x7f);
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= mask[i % 4];
    }
    ByteBuffer data = ByteBuffer.wrap(payload);
    int code = data.getShort() & 0xffff;
    return new Close(code, StandardCharsets.UTF_8.decode(data).toString(), masked);
  }

  /** Whether nothing but the end of the stream follows. */
  static boolean ends(Socket socket) throws IOException {
    return socket.getInputStream().read() < 0;
  }

  /** Reads until the connection breaks; true if it was reset, false if it ended in order. */
  static boolean isReset(Socket socket) throws IOException {
    try {
      byte[] sink = new byte[65_536];
      while (socket.getInputStream().read(sink) >= 0) {}
      return false;
    } catch (java.net.SocketException reset) {
      return true;
    }
  }

  /** Sends meanwhile, as much as the connection takes. */
  static Thread sendMeanwhile(Socket socket, byte[] bytes) {
    return Thread.startVirtualThread(
        () -> {
          try {
            send(socket, bytes);
          } catch (IOException e) {
            return; // What arrives is what counts.
          }
        });
  }

  /** Sends more than the server, which reads nothing, and all on the way to it hold. */
  static void sendInVain(TunnelRig.Wire wire) {
    sendMeanwhile(wire.client(), new byte[50_000_000]);
    Await.until(
        "bytes wait at the server", () -> wire.server().getInputStream().available() > 30_000);
  }

  /** Sends until a few bytes wait in the proxy for the server, which reads nothing. */
  static void sendUntilSomeWaits(TunnelRig.Wire wire) throws Exception {
    Channel server = wire.serverChannel();
    server.config().setOption(ChannelOption.SO_SNDBUF, 4_000);
    TunnelSide client = wire.clientChannel().pipeline().get(TunnelSide.class);
    long room = server.bytesBeforeUnwritable();
    for (long sent = 4_000; server.bytesBeforeUnwritable() == room; sent += 4_000) {
      send(wire.client(), new byte[4_000]);
      long all = sent;
      // Else many would come at once, and the proxy would not read on to the client's end.
      Await.until(
          "they are relayed",
          () -> server.eventLoop().submit(client::relayedBytes).get().equals(all));
    }
  }
}
