package dev.understudy.testing;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * Clients of TLS 1.3 that take any certificate, and whose ClientHello has other records or server
 * names than the JDK's clients send.
 */
public final class OddHello {
  /** What the ClientHello comes in. */
  public enum Records {
    ONE,
    /** As it is longer than a record may be. */
    TWO,
    OF_ONE_BYTE,
    /**
     * One whose version is that of DTLS 1.2. Netty takes its length from where DTLS has it, within
     * the client's random number, which says the true one.
     */
    OF_DTLS
  }

  private static final int TIMEOUT_MILLIS = 120_000;
  private static final int HANDSHAKE = 22;
  private static final int DTLS_1_2 = 0xfefd;
  private static final int HEAD = 5;
  private static final int HEAD_OF_DTLS = 13;

  private final SSLContext context;
  private final Begun random = new Begun();

  /**
   * Clients that show that certificate to servers that ask for one.
   *
   * @param shown null for none
   */
  public OddHello(X509Bundle shown) throws Exception {
    context = SSLContext.getInstance("TLS");
    context.init(
        shown == null ? null : shown.toKeyManagerFactory().getKeyManagers(),
        InsecureTrustManagerFactory.INSTANCE.getTrustManagers(),
        random);
  }

  /**
   * Connects to that port of this machine, and shakes hands.
   *
   * @param before sent before TLS begins, together with the ClientHello
   * @param names of the server, each with its type before it, such as {@code 0=localhost}
   * @throws UncheckedIOException if the handshake fails
   */
  public RawClient connect(int port, byte[] before, String names, Records records) {
    try {
      Rerecorded raw = new Rerecorded(before, records);
      raw.setSoTimeout(TIMEOUT_MILLIS);
      raw.setTcpNoDelay(true);
      raw.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      SSLSocket socket =
          (SSLSocket) context.getSocketFactory().createSocket(raw, "localhost", port, true);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setProtocols(new String[] {"TLSv1.3"});
      parameters.setServerNames(Stream.of(names.split(" ")).<SNIServerName>map(Name::new).toList());
      if (records == Records.TWO) {
        parameters.setApplicationProtocols(many());
      }
      random.begin = records == Records.OF_DTLS ? length(parameters) - HEAD_OF_DTLS : -1;
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return new RawClient(raw, socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of 20 KB, the last of which servers know. */
  private static String[] many() {
    List<String> protocols = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      protocols.add("x".repeat(200) + i);
    }
    protocols.add("http/1.1");
    return protocols.toArray(String[]::new);
  }

  /** Of the record with the ClientHello. */
  private int length(SSLParameters parameters) throws IOException {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(true);
    engine.setSSLParameters(parameters);
    ByteBuffer hello = ByteBuffer.allocate(1 << 15);
    engine.wrap(ByteBuffer.allocate(0), hello);
    return hello.position();
  }

  private static final class Name extends SNIServerName {
    Name(String text) {
      super(
          Integer.parseInt(text.substring(0, text.indexOf('='))),
          text.substring(text.indexOf('=') + 1).getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Begins what is as long as a random number of TLS. */
  private static final class Begun extends SecureRandom {
    private static final long serialVersionUID = 1;

    /** Of two bytes; negative: random. */
    private int begin = -1;

    @Override
    public void nextBytes(byte[] bytes) {
      super.nextBytes(bytes);
      if (begin >= 0 && bytes.length == 32) {
        ByteBuffer.wrap(bytes).putShort((short) begin);
      }
    }
  }

  /** What is before TLS, and then TLS with other records of handshakes in clear. */
  private static final class Rerecorded extends Socket {
    private final byte[] before;
    private final Records records;

    Rerecorded(byte[] before, Records records) {
      this.before = before;
      this.records = records;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream()) {
        private byte[] first = before;

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
          ByteArrayOutputStream all = new ByteArrayOutputStream();
          all.writeBytes(first);
          first = new byte[0];
          ByteBuffer in = ByteBuffer.wrap(bytes, from, count);
          while (in.hasRemaining()) {
            int length = HEAD + (in.getShort(in.position() + HEAD - 2) & 0xffff);
            byte[] record = new byte[length];
            in.get(record);
            all.writeBytes(record[0] == HANDSHAKE ? changed(record) : record);
          }
          out.write(all.toByteArray());
        }
      };
    }

    private byte[] changed(byte[] record) {
      return switch (records) {
        case ONE, TWO -> record;
        case OF_DTLS -> ByteBuffer.wrap(record).putShort(1, (short) DTLS_1_2).array();
        case OF_ONE_BYTE -> {
          ByteBuffer all = ByteBuffer.allocate((record.length - HEAD) * (HEAD + 1));
          for (int i = HEAD; i < record.length; i++) {
            all.put(record, 0, HEAD - 2).putShort((short) 1).put(record[i]);
          }
          yield all.array();
        }
      };
    }
  }
}
