package dev.understudy.command.client;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * One of the two proxies that are compared. Each request has a connection of its own, which is sent
 * as it stands in the file: a library's client would change the path and refuse {@code Host}.
 *
 * @param address of all connections
 * @param trust null: TLS is not spoken
 * @param verifies whether the certificate has to be for the host
 * @param millis the longest time of a request, from its connection to the end of the response
 * @param largest the bytes of a body that are read
 */
record ComparedProxy(
    URI url,
    InetSocketAddress address,
    @Nullable SSLSocketFactory trust,
    boolean verifies,
    int millis,
    int largest) {
  /** A name that a handshake can have; no address. */
  private static final Pattern NAME =
      Pattern.compile(
          "([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");

  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  /**
   * The URL of a proxy.
   *
   * @throws ClientFailure if it is none
   */
  static URI url(String text) {
    try {
      URI url = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      boolean plain =
          url.getRawUserInfo() == null
              && url.getRawQuery() == null
              && url.getRawFragment() == null
              && (url.getRawPath() == null || url.getRawPath().isEmpty());
      if (http && plain && url.getHost() != null && url.getPort() <= 65_535) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Reported below.
    }
    throw ClientFailure.usage(
        "expected http://HOST:PORT or https://HOST:PORT without a path, found '" + text + "'");
  }

  /** The host and port of a URL, as {@code Host} has them. */
  static String authority(URI url) {
    return url.getRawAuthority();
  }

  private static int port(URI url) {
    return url.getPort() >= 0 ? url.getPort() : url.getScheme().equals("https") ? HTTPS : HTTP;
  }

  /**
   * A proxy to which a connection can be made: one is made, and ended.
   *
   * @throws ClientFailure if nobody listens there
   */
  static ComparedProxy listening(
      URI url, @Nullable SSLSocketFactory trust, boolean verifies, int millis, int largest) {
    InetSocketAddress address =
        new InetSocketAddress(url.getHost().replaceAll("[\\[\\]]", ""), port(url));
    ComparedProxy proxy = new ComparedProxy(url, address, trust, verifies, millis, largest);
    try (Socket socket = new Socket()) {
      if (address.isUnresolved()) {
        throw new UnknownHostException(url.getHost());
      }
      socket.connect(address, millis);
      return proxy;
    } catch (SocketTimeoutException e) {
      throw ClientFailure.usage("cannot reach " + url + ": no connection within " + millis + " ms");
    } catch (IOException e) {
      throw ClientFailure.usage("cannot reach " + url + ": " + proxy.reason(e));
    }
  }

  /**
   * Sends a request.
   *
   * @param host the value of {@code Host}, unless the request has its own
   */
  ComparedResponse send(ComparedRequest request, String host) {
    String named = request.host() == null ? host : request.host();
    try (Deadline deadline = new Deadline(millis)) {
      ComparedResponse response = exchange(request, named, deadline.socket());
      return deadline.isOver()
          ? response.failing("no whole response within " + millis + " ms")
          : response;
    }
  }

  private ComparedResponse exchange(ComparedRequest request, String host, Socket plain) {
    ComparedResponseReader reader = new ComparedResponseReader(largest);
    try (plain;
        Socket socket = connected(plain, host)) {
      IOException unsent = send(socket, bytes(request, host));
      try {
        return reader.read(new BufferedInputStream(socket.getInputStream()), request.method());
      } catch (EOFException | SocketException e) {
        throw unsent == null ? e : unsent;
      }
    } catch (IOException e) {
      return reader.begun().failing(reason(e));
    }
  }

  /** Why not all of it could be sent; null: it was. A response may come all the same. */
  private static @Nullable IOException send(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  private Socket connected(Socket plain, String host) throws IOException {
    plain.connect(address);
    if (trust == null) {
      return plain;
    }
    String name = host.replaceFirst(":[0-9]+$", "").replaceAll("[\\[\\]]", "");
    SSLSocket socket = (SSLSocket) trust.createSocket(plain, name, address.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    if (NAME.matcher(name).matches() && !name.matches("[0-9.]+")) {
      parameters.setServerNames(List.of(new SNIHostName(name)));
    }
    if (verifies) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    parameters.setApplicationProtocols(new String[] {"http/1.1"});
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private static byte[] bytes(ComparedRequest request, String host) {
    byte[] body = request.body().getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder();
    head.append(request.method()).append(' ').append(request.target()).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(host).append("\r\n");
    request.fields().forEach(field -> head.append(field).append("\r\n"));
    if (body.length > 0 || !request.isSafe()) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    head.append("Connection: close\r\n\r\n");
    byte[] first = head.toString().getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = new byte[first.length + body.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(body, 0, all, first.length, body.length);
    return all;
  }

  /** Why there is no whole response, in words that are the same for both proxies. */
  private String reason(IOException failure) {
    return switch (failure) {
      case UnknownHostException unknown -> "unknown host " + url.getHost();
      case ProtocolException wrong -> UnreachableReason.message(wrong);
      case EOFException end -> "closed before the response's end";
      case SSLException tls -> UnreachableReason.of(tls, url, millis);
      case SocketException broken -> {
        String message = UnreachableReason.message(broken);
        yield message.contains("reset") ? "closed before the response's end" : message;
      }
      default -> UnreachableReason.message(failure);
    };
  }

  /** Closes a request's connection when its time is over, whatever is being waited for then. */
  private static final class Deadline implements AutoCloseable {
    private final Socket socket = new Socket();
    private final Thread clock;
    private volatile boolean over;

    Deadline(int millis) {
      clock = Thread.ofVirtual().start(() -> await(millis));
    }

    private void await(int millis) {
      try {
        Thread.sleep(millis);
        over = true;
        socket.close();
      } catch (InterruptedException | IOException e) {
        // The request has ended, or its connection has.
      }
    }

    /** The connection, which is still to be made. */
    Socket socket() {
      return socket;
    }

    boolean isOver() {
      return over;
    }

    @Override
    public void close() {
      clock.interrupt();
    }
  }
}
