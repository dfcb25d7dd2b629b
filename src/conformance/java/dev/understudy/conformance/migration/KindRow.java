package dev.understudy.conformance.migration;

import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * A request in a comment of a configuration.
 *
 * <pre>
 * #? PORT METHOD TARGET [| Name: value]... [| :body TEXT]   both respond alike
 * #~ PORT METHOD TARGET ...                                Understudy may refuse it
 * #> PORT [text:TEXT | hex:BYTES | tls:SERVER-NAME]         the same server gets the connection
 * </pre>
 *
 * <p>{@code :body 200} is a body of that many bytes. A field {@code Content-Length} is added unless
 * there is one, or {@code Transfer-Encoding}.
 */
record KindRow(String text, boolean mayRefuse, boolean tcp, String port, List<String> words) {
  /** What a client saw: with status 0 no response, or no HTTP. */
  record Seen(int status, String server, String location) {}

  private static final Pattern SERVER = Pattern.compile("(?i)\r\nx-server: ([A-D])\r\n");
  private static final Pattern LOCATION = Pattern.compile("(?i)\r\nlocation: ([^\r]*)\r\n");

  /** The rows of a configuration. */
  static List<KindRow> of(String file) {
    return file.lines().filter(line -> line.matches("#[?~>] .*")).map(KindRow::row).toList();
  }

  private static KindRow row(String line) {
    String[] words = line.substring(3).split(" ", 2);
    return new KindRow(
        line,
        line.charAt(1) == '~',
        line.charAt(1) == '>',
        words[0],
        words.length > 1 ? List.of(words[1].split(" \\| ")) : List.of());
  }

  Seen to(Map<String, String> ports) {
    try (RawClient client = new RawClient(Integer.parseInt(ports.get(port)))) {
      client.write(tcp ? first() : request().getBytes(StandardCharsets.ISO_8859_1));
      client.socket().setSoTimeout(10_000);
      return tcp ? connected(client.readAll()) : seen(client.response(method()));
    } catch (UncheckedIOException | IOException e) {
      return new Seen(0, "", "");
    }
  }

  private String method() {
    return words.getFirst().split(" ")[0];
  }

  private static Seen connected(String sent) {
    return new Seen(0, sent.matches("[A-D]") ? sent : "", "");
  }

  private static Seen seen(Response response) {
    return new Seen(
        response.status(), first(SERVER, response.head()), first(LOCATION, response.head()));
  }

  private static String first(Pattern pattern, String response) {
    Matcher matcher = pattern.matcher(response);
    return matcher.find() ? matcher.group(1) : "";
  }

  private byte[] first() throws SSLException {
    String what = words.isEmpty() ? "" : words.getFirst();
    String value = what.substring(what.indexOf(':') + 1);
    if (what.startsWith("tls:")) {
      return clientHello(value);
    }
    return what.startsWith("hex:")
        ? HexFormat.of().parseHex(value)
        : (value.isEmpty() ? "" : value + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] clientHello(String serverName) throws SSLException {
    try {
      SSLEngine engine = SSLContext.getDefault().createSSLEngine();
      engine.setUseClientMode(true);
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(serverName)));
      engine.setSSLParameters(parameters);
      ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
      engine.wrap(ByteBuffer.allocate(0), out);
      byte[] bytes = new byte[out.flip().remaining()];
      out.get(bytes);
      return bytes;
    } catch (NoSuchAlgorithmException e) {
      throw new SSLException(e);
    }
  }

  private String request() {
    List<String> fields = new ArrayList<>();
    String body = "";
    for (String part : words.subList(1, words.size())) {
      if (part.startsWith(":body ")) {
        String given = part.substring(6);
        body = given.matches("[0-9]+") ? "x".repeat(Integer.parseInt(given)) : given;
      } else {
        fields.add(part);
      }
    }
    boolean chunked = fields.contains("Transfer-Encoding: chunked");
    if (chunked) {
      body = Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n";
    } else if (fields.stream().noneMatch(each -> each.startsWith("Content-Length"))) {
      fields.add("Content-Length: " + body.length());
    }
    if (fields.stream().noneMatch(each -> each.startsWith("Host:"))) {
      fields.addFirst("Host: www.example.com");
    }
    if (fields.stream().noneMatch(each -> each.startsWith("Connection:"))) {
      fields.add("Connection: close");
    }
    return words.getFirst()
        + " HTTP/1.1\r\n"
        + String.join("\r\n", Stream.concat(fields.stream(), Stream.of("", "")).toList())
        + body;
  }
}
