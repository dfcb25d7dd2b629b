package dev.understudy.command.client;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
 * @param trust null: TLS is not spoken
 * @param verifies whether the certificate has to be for the host
 * @param millis the longest time of a request, connection included
 * @param largest the bytes of a body that are read
 */
record ComparedProxy(
    URI url, @Nullable SSLSocketFactory trust, boolean verifies, int millis, int largest) {
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

  private int port() {
    return url.getPort() >= 0 ? url.getPort() : url.getScheme().equals("https") ? HTTPS : HTTP;
  }

  /**
   * Makes a connection and ends it.
   *
   * @throws ClientFailure if nobody listens there
   */
  void requireListening() {
    try (Socket socket = new Socket()) {
      socket.connect(address(), millis);
    } catch (IOException e) {
      throw ClientFailure.usage("cannot reach " + url + ": " + reason(e));
    }
  }

  private InetSocketAddress address() throws UnknownHostException {
    InetSocketAddress address =
        new InetSocketAddress(url.getHost().replaceAll("[\\[\\]]", ""), port());
    if (address.isUnresolved()) {
      throw new UnknownHostException(url.getHost());
    }
    return address;
  }

  /**
   * Sends a request.
   *
   * @param host the value of {@code Host}, unless the request has its own
   */
  ComparedResponse send(ComparedRequest request, String host) {
    Deadline deadline = new Deadline(millis);
    String named = request.host() == null ? host : request.host();
    try (Socket plain = new Socket()) {
      plain.connect(address(), millis);
      try (Socket socket = secured(plain, named, deadline)) {
        OutputStream out = socket.getOutputStream();
        out.write(bytes(request, named));
        out.flush();
        InputStream in = deadline.over(socket, socket.getInputStream());
        return new ComparedResponseReader(in, largest).read(request.method());
      }
    } catch (IOException e) {
      return ComparedResponse.failed(reason(e));
    }
  }

  private Socket secured(Socket plain, String host, Deadline deadline) throws IOException {
    if (trust == null) {
      return plain;
    }
    plain.setSoTimeout(deadline.left());
    String name = host.replaceFirst(":[0-9]+$", "").replaceAll("[\\[\\]]", "");
    SSLSocket socket = (SSLSocket) trust.createSocket(plain, name, port(), true);
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
      case SocketTimeoutException late -> "no whole response within " + millis + " ms";
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

  /** The end of a request's time, whatever trickles in meanwhile. */
  private static final class Deadline {
    private final long end;

    Deadline(int millis) {
      end = System.nanoTime() + millis * 1_000_000L;
    }

    /** Milliseconds, at least one. */
    int left() throws SocketTimeoutException {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new SocketTimeoutException("the time is over");
      }
      return (int) left;
    }

    /** A stream whose reads end with the time. */
    InputStream over(Socket socket, InputStream in) {
      return new BufferedInputStream(
          new FilterInputStream(in) {
            @Override
            public int read(byte[] to, int from, int length) throws IOException {
              socket.setSoTimeout(left());
              return in.read(to, from, length);
            }
          });
    }
  }
}
