package dev.understudy.command.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file of requests for {@code compare}. Each line is one of these:
 *
 * <ul>
 *   <li>{@code METHOD TARGET} begins a request;
 *   <li>an indented line {@code Name: value} is a header field of it;
 *   <li>an indented line that begins with {@code |} is a line of its body;
 *   <li>a line of HAProxy's HTTP log, which ends with the request in quotation marks, is that
 *       request alone;
 *   <li>empty lines and those that begin with {@code #} are nothing.
 * </ul>
 *
 * <p>Equal requests are one, as logs have the same ones again and again.
 *
 * @param requests in the file's order, each once
 * @param unreadable lines of a log without a whole request: bad ones, those that were cut, and
 *     others
 */
record RequestsFile(List<ComparedRequest> requests, int unreadable) {
  static final int LARGEST = 64 << 20;
  static final int MOST = 10_000;
  private static final int LONGEST_BODY = 1 << 20;
  private static final int MOST_FIELDS = 100;

  private static final Pattern REQUEST = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\\S+)");
  private static final Pattern FIELD = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*(.*)");
  private static final Pattern TARGET = Pattern.compile("/[!-~]*|\\*");

  /**
   * The end of a line of the log: a request, or one that was bad or cut, and what {@code option
   * httpslog} has behind it. Some receivers of logs escape the quotation marks by a backslash.
   */
  private static final Pattern LOGGED =
      Pattern.compile(".* \\\\?\"([^\"]*?)\\\\?(?:\"(?: [^\"]*)?)?");

  /** What the log has beside requests, such as that a server is DOWN, as syslog writes it. */
  private static final Pattern OTHER_LOGGED = Pattern.compile("[^\"]*\\bhaproxy\\[[0-9]+]: ");

  private static final Pattern LOGGED_REQUEST =
      Pattern.compile("([A-Z]+) (\\S+) HTTP/[0-9](\\.[0-9])?");

  /** How the log has a byte that is not printable, a quotation mark or the sign itself. */
  private static final Pattern ENCODED = Pattern.compile("#([0-9A-Fa-f]{2})?");

  /** Fields on which the end of a message depends, or the connection: the command sets them. */
  private static final Set<String> OWN =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  RequestsFile {
    requests = List.copyOf(requests);
  }

  /**
   * Reads a file.
   *
   * @throws ClientFailure if it cannot be read, or a line is wrong
   */
  static RequestsFile read(Path file) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LARGEST + 1);
    } catch (IOException e) {
      throw ClientFailure.usage(LocalFile.unreadable("--requests", file, e));
    }
    if (bytes.length > LARGEST) {
      throw ClientFailure.usage(
          "--requests " + file + ": expected at most " + (LARGEST >> 20) + " MB");
    }
    return parse(file.toString(), new String(bytes, StandardCharsets.UTF_8));
  }

  /**
   * Parses a file's text.
   *
   * @param name for messages
   * @throws ClientFailure if a line is wrong, or none is a request
   */
  static RequestsFile parse(String name, String text) {
    return new Reader(name).read(text);
  }

  /** What has been read so far. */
  private static final class Reader {
    private final String name;
    private final List<ComparedRequest> requests = new ArrayList<>();
    private final Set<ComparedRequest> seen = new HashSet<>();
    private @Nullable ComparedRequest begun;
    private List<String> fields = new ArrayList<>();
    private StringBuilder body = new StringBuilder();
    private int unreadable;
    private int number;

    Reader(String name) {
      this.name = name;
    }

    RequestsFile read(String text) {
      for (String line : (Iterable<String>) text.lines()::iterator) {
        number++;
        if (!line.isBlank() && !line.startsWith("#")) {
          line(line);
        }
      }
      end();
      if (requests.isEmpty()) {
        number = 1;
        throw wrong("at least one request, such as 'GET /'", "none");
      }
      return new RequestsFile(requests, unreadable);
    }

    private void line(String line) {
      if (line.startsWith(" ") || line.startsWith("\t")) {
        part(line.strip());
        return;
      }
      end();
      Matcher request = REQUEST.matcher(line.stripTrailing());
      if (request.matches()) {
        begin(request.group(1), request.group(2), null);
        return;
      }
      Matcher logged = LOGGED.matcher(line);
      if (!logged.matches()) {
        if (OTHER_LOGGED.matcher(line).lookingAt()) {
          unreadable++;
          return;
        }
        throw wrong(
            "'METHOD /path', an indented field or body, or a line of HAProxy's HTTP log", line);
      }
      Matcher whole = LOGGED_REQUEST.matcher(logged.group(1));
      if (!whole.matches() || !logged(whole.group(1), decoded(whole.group(2)))) {
        unreadable++;
      }
    }

    /** Takes the request of a log's line; whether it can be sent. */
    private boolean logged(String method, String target) {
      String host = null;
      String path = target;
      if (target.startsWith("http://") || target.startsWith("https://")) {
        // A request of HTTP/2 is logged in absolute form.
        int slash = target.indexOf('/', target.indexOf("://") + 3);
        String origin = slash < 0 ? target : target.substring(0, slash);
        host = origin.substring(origin.indexOf("://") + 3);
        path = slash < 0 ? "/" : target.substring(slash);
      }
      if (!TARGET.matcher(path).matches()
          || method.equals("CONNECT")
          || (host != null && !isHost(host))) {
        return false;
      }
      begin(method, path, host);
      return true;
    }

    /** A target as it came; with a byte that none has if it is not encoded as HAProxy does. */
    private static String decoded(String logged) {
      return ENCODED
          .matcher(logged)
          .replaceAll(
              found -> {
                int came = found.group(1) == null ? 0 : Integer.parseInt(found.group(1), 16);
                return Matcher.quoteReplacement(Character.toString(came));
              });
    }

    private void begin(String method, String target, @Nullable String host) {
      if (method.equals("CONNECT")) {
        throw wrong("a method other than CONNECT", method);
      }
      if (!TARGET.matcher(target).matches()) {
        throw wrong("a path of visible ASCII characters that begins with '/'", target);
      }
      begun = new ComparedRequest(number, method, target, host, List.of(), "");
    }

    private void part(String text) {
      ComparedRequest request = begun;
      if (request == null) {
        throw wrong("'METHOD /path' before an indented line", text);
      }
      if (text.startsWith("|")) {
        body.append(text.substring(text.startsWith("| ") ? 2 : 1)).append('\n');
        if (body.length() > LONGEST_BODY) {
          throw wrong("a body of at most " + LONGEST_BODY + " characters", "more");
        }
        return;
      }
      Matcher field = FIELD.matcher(text);
      if (!field.matches() || !isPlain(field.group(2))) {
        throw wrong("a field 'Name: value' of visible ASCII characters", text);
      }
      String lower = field.group(1).toLowerCase(Locale.ROOT);
      if (OWN.contains(lower)) {
        throw wrong("a field other than those that the command sets itself", field.group(1));
      }
      if (lower.equals("host")) {
        if (request.host() != null || !isHost(field.group(2))) {
          throw wrong("one field Host with a host and port", text);
        }
        begun =
            new ComparedRequest(
                request.line(), request.method(), request.target(), field.group(2), List.of(), "");
      } else {
        fields.add(field.group(1) + ": " + field.group(2));
        if (fields.size() > MOST_FIELDS) {
          throw wrong("at most " + MOST_FIELDS + " fields", "more");
        }
      }
    }

    private void end() {
      ComparedRequest request = begun;
      if (request != null) {
        ComparedRequest whole =
            new ComparedRequest(
                request.line(),
                request.method(),
                request.target(),
                request.host(),
                fields,
                body.isEmpty() ? "" : body.substring(0, body.length() - 1));
        if (seen.add(whole.anywhere())) {
          requests.add(whole);
        }
        if (requests.size() > MOST) {
          throw wrong("at most " + MOST + " different requests", "more");
        }
      }
      begun = null;
      fields = new ArrayList<>();
      body = new StringBuilder();
    }

    private ClientFailure wrong(String expected, String found) {
      return ClientFailure.usage(
          "%s:%d: expected %s, found '%s'"
              .formatted(
                  name,
                  number,
                  expected,
                  found.length() > 200 ? found.substring(0, 200) + "…" : found));
    }
  }

  private static boolean isPlain(String value) {
    return value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c <= '~'));
  }

  /** Whether a text may be the value of {@code Host}: a name or an address, and a port. */
  static boolean isHost(String text) {
    if (!text.matches("[A-Za-z0-9._:\\[\\]-]{1,255}")) {
      return false;
    }
    try {
      URI url = URI.create("http://" + text);
      return url.getRawAuthority() != null && url.getRawUserInfo() == null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
