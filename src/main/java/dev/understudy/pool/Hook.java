package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Entries;
import dev.understudy.pool.Setting.Span;
import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Values;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A call that tells a server, or a command, that a role moves.
 *
 * @param url Where a POST goes. Any 2xx is success; redirects are not followed. TLS is the pool's.
 * @param command A program of the directory {@code understudy.hooks.directory} and its arguments,
 *     run without a shell. Exit status 0 is success.
 * @param headers Further header fields of the POST, name: value.
 * @param timeout Time for the whole call. After that, a command is killed with all that it started.
 * @param required For `promote` only. `true`: a server that takes over outside of a planned switch
 *     serves only after it was promoted. Requests wait for that, within `hold`.
 */
public record Hook(
    @Values(
            "`http` or `https`; `{server.name}`, `{server.host}`, `{server.port}` and `{pool}` are"
                + " replaced")
        @Unset("a command")
        @Nullable String url,
    @Values("the same are replaced in its arguments") @Default @Entries(max = 32)
        List<String> command,
    @Default @Entries(max = 32, keys = TextFormat.TOKEN) Map<String, String> headers,
    @Default("5s") @Span(min = "100ms", max = "5m") Duration timeout,
    @Default("false") boolean required) {
  /** The longest time that a call may take. */
  public static final Duration LONGEST = Duration.ofMinutes(5);

  /** The form of a URL in words that follow "expected". */
  private static final String EXPECTED_URL =
      "an http or https URL with a host; {server.name}, {server.host}, {server.port} and {pool} are"
          + " replaced";

  /** By RFC 3986, without user information and fragment. */
  private static final Pattern URL =
      Pattern.compile(
          "https?://(?:[A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+])(?::[0-9]{1,5})?"
              + "(?:[/?](?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?");

  private static final Pattern PROGRAM = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}");
  private static final Pattern VARIABLE = Pattern.compile("\\{(server\\.(?:name|host|port)|pool)}");

  /** An option's name, alone or before its value, and variables. */
  private static final Pattern SHOWN =
      Pattern.compile("^(?:-[A-Za-z]|--[A-Za-z][A-Za-z-]*)(?:=|$)|" + VARIABLE.pattern());

  public Hook {
    command = List.copyOf(command);
    headers = Map.copyOf(headers);
    if (url != null && !isUrl(url)) {
      throw new Setting.Invalid("url", EXPECTED_URL);
    }
    if (!command.isEmpty() && !PROGRAM.matcher(command.getFirst()).matches()) {
      throw new Setting.Invalid(
          "command", "first the name of a program, without a path: letters, digits, '.', '_', '-'");
    }
  }

  private static boolean isUrl(String template) {
    return URL.matcher(VARIABLE.matcher(template).replaceAll("1")).matches();
  }

  /** A text with the variables replaced by what they stand for. */
  public static String expand(String template, PoolId pool, Server server) {
    return VARIABLE
        .matcher(template)
        .replaceAll(
            found ->
                switch (found.group(1)) {
                  case "server.name" -> server.id().value();
                  case "server.host" -> server.address().host();
                  case "server.port" -> Integer.toString(server.address().port());
                  default -> pool.value();
                });
  }

  /**
   * The same without what placeholders may have filled with a secret: a query, the values of header
   * fields, and what of an argument neither names an option nor is a variable.
   */
  public Hook masked() {
    int query = url == null ? -1 : url.indexOf('?');
    Map<String, String> shown = new LinkedHashMap<>();
    headers.forEach(
        (name, value) -> shown.put(name, Disclosure.isOpenHeader(name) ? value : Disclosure.MASK));
    List<String> arguments = new ArrayList<>(command);
    for (int i = 1; i < arguments.size(); i++) {
      arguments.set(i, masked(arguments.get(i)));
    }
    String open = url != null && query >= 0 ? url.substring(0, query + 1) + Disclosure.MASK : url;
    return new Hook(open, arguments, shown, timeout, required);
  }

  private static String masked(String argument) {
    Matcher part = SHOWN.matcher(argument);
    StringBuilder shown = new StringBuilder();
    int end = 0;
    while (part.find()) {
      shown.append(part.start() > end ? Disclosure.MASK : "").append(part.group());
      end = part.end();
    }
    return shown.append(end < argument.length() ? Disclosure.MASK : "").toString();
  }

  /** Leaves out headers, which may hold secrets. */
  @Override
  public String toString() {
    return (url == null ? "command " + command : "POST " + url) + " within " + timeout;
  }
}
