package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.AclTest;
import dev.understudy.haproxy.acl.Call;
import dev.understudy.haproxy.acl.MapEntry;
import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.acl.TcpClient;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A backend's name with the server name of TLS in it, as {@code tls_%[req.ssl_sni,lower]} or {@code
 * %[req.ssl_sni,map(/etc/haproxy/names.map,web)]}: one choice for each name that leads to one.
 */
final class NamedBackend {
  /**
   * A backend under a condition.
   *
   * @param backend empty: a name that no backend has, so that the default one serves
   */
  record Choice(AclTest test, String backend) {}

  private static final Pattern NAME =
      Pattern.compile("(?<begin>[^%]*)%\\[(?<sample>[^%]+)](?<end>[^%\\[\\]]*)");

  private final Context context;
  private final String begin;
  private final Sample sample;
  private final String end;
  private final List<Choice> choices = new ArrayList<>();

  private NamedBackend(Context context, Matcher name, Sample sample) {
    this.context = context;
    begin = name.group("begin");
    end = name.group("end");
    this.sample = sample;
  }

  /**
   * The choices, the first that applies counts. If none applies, the default backend serves,
   * whatever lines follow.
   *
   * @throws SyntaxException if the value has no words here; the message says why
   */
  static List<Choice> choices(Context context, String text) {
    Matcher name = NAME.matcher(text);
    if (!name.matches()) {
      throw new SyntaxException(0, "expected one value in '" + text + "'");
    }
    Sample sample = Sample.parse(name.group("sample"));
    AclTest found = new AclTest(AclTest.canonical(sample), "found", false, List.of(), List.of());
    if (!TcpClient.isOfNames(found)) {
      throw new SyntaxException(0, "write a use_backend by server names for each backend");
    }
    NamedBackend named = new NamedBackend(context, name, found.sample());
    Call last =
        sample.converters().isEmpty() ? new Call("", List.of()) : sample.converters().getLast();
    if (last.name().startsWith("map")) {
      named.addMap(last);
    } else {
      named.addBackends();
    }
    if (named.choices.isEmpty()) {
      throw new SyntaxException(0, "no backend has a name such as '" + text + "'");
    }
    return named.choices;
  }

  private void addBackends() {
    for (String backend : context.backends.keySet()) {
      if (backend.startsWith(begin)
          && backend.endsWith(end)
          && backend.length() > begin.length() + end.length()) {
        add(
            sample.converters(),
            "str",
            List.of(backend.substring(begin.length(), backend.length() - end.length())),
            backend);
      }
    }
  }

  private void addMap(Call map) {
    String matcher =
        map.name().equals("map") ? "str" : map.name().substring(map.name().lastIndexOf('_') + 1);
    Optional<List<MapEntry>> entries = context.files.apply(map.argument(0)).map(MapEntry::read);
    if (entries.isEmpty()) {
      throw new SyntaxException(
          0, "'" + map.argument(0) + "' cannot be read here; import where it can");
    }
    List<Call> before = sample.converters().subList(0, sample.converters().size() - 1);
    for (MapEntry entry : entries.get()) {
      add(before, matcher, List.of(entry.key()), begin + entry.value() + end);
    }
    if (!map.argument(1).isEmpty()) {
      add(before, "found", List.of(), begin + map.argument(1) + end);
    }
  }

  private void add(List<Call> converters, String matcher, List<String> patterns, String backend) {
    Proxy proxy = context.backends.get(backend);
    choices.add(
        new Choice(
            new AclTest(
                new Sample(sample.fetch(), converters, sample.source()),
                matcher,
                false,
                patterns,
                List.of()),
            proxy == null || !proxy.isTcp() ? "" : backend));
  }
}
