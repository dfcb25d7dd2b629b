package dev.understudy.haproxy.acl;

import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A sample expression: a fetch, then converters, as {@code req.hdr(host),lower}.
 *
 * @param source as written
 */
public record Sample(Call fetch, List<Call> converters, String source) {
  /** A fetch or a converter with its arguments. */
  public record Call(String name, List<String> arguments) {
    public Call {
      arguments = List.copyOf(arguments);
    }

    /** An argument; empty if there are fewer. */
    public String argument(int index) {
      return index < arguments.size() ? arguments.get(index) : "";
    }
  }

  private static final Call HOST_ONLY = new Call("host_only", List.of());

  public Sample {
    converters = List.copyOf(converters);
  }

  /**
   * Parses an expression.
   *
   * @throws SyntaxException if it is none
   */
  public static Sample parse(String text) {
    Reader reader = new Reader(text);
    List<Call> calls = new ArrayList<>();
    calls.add(reader.call());
    while (reader.at < text.length()) {
      if (text.charAt(reader.at) != ',') {
        throw new SyntaxException(
            "expected ',' before a converter after '" + text.substring(0, reader.at) + "'");
      }
      reader.at++;
      if (reader.at < text.length()) {
        calls.add(reader.call());
      }
    }
    Call fetch = calls.getFirst();
    List<Call> converters =
        calls.stream().skip(1).map(each -> isPortCutFrom(fetch, each) ? HOST_ONLY : each).toList();
    return new Sample(fetch, converters, text);
  }

  /** Understudy's name of a variable, such as {@code txn-tenant} of {@code txn.tenant}. */
  public static String variableName(String name) {
    return name.replace('.', '-').replace('_', '-').toLowerCase(Locale.ROOT);
  }

  /** Whether the converter leaves what is before the colon of the Host field. */
  private static boolean isPortCutFrom(Call fetch, Call converter) {
    return isHost(fetch)
        && List.of("field", "word").contains(converter.name())
        && converter.arguments().equals(List.of("1", ":"));
  }

  /** Whether it reads the host of the request. */
  public boolean isHost() {
    return isHost(fetch);
  }

  private static boolean isHost(Call fetch) {
    return SampleTable.of(fetch).is("host");
  }

  /** The same sample, with the current name of its fetch. */
  public Sample canonical() {
    return named(name());
  }

  /** The same of another fetch, by the current one of its names. */
  Sample named(String name) {
    return new Sample(new Call(SampleTable.of(name).name(), fetch.arguments()), converters, source);
  }

  Sample converted(List<Call> by) {
    return new Sample(fetch, by, source);
  }

  /** Whether one of the converters has that name. */
  boolean isConverted(String converter) {
    return converters.stream().anyMatch(each -> each.name().equals(converter));
  }

  /** The first argument; empty if there is none. */
  public String argument() {
    return fetch.argument(0);
  }

  /** The fetch's name. */
  public String name() {
    return fetch.name();
  }

  /** Reads calls; arguments may be quoted once more. */
  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    Call call() {
      int from = at;
      while (at < text.length() && isName(text.charAt(at))) {
        at++;
      }
      String name = text.substring(from, at);
      if (name.isEmpty()) {
        throw new SyntaxException("expected a sample such as req.hdr(host) in '" + text + "'");
      }
      return new Call(name, at < text.length() && text.charAt(at) == '(' ? arguments() : List.of());
    }

    private static boolean isName(char c) {
      return Character.isLetterOrDigit(c) || "._-+".indexOf(c) >= 0;
    }

    private List<String> arguments() {
      List<String> arguments = new ArrayList<>();
      StringBuilder argument = new StringBuilder();
      int open = 0;
      at++;
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == ')' && open == 0) {
          at++;
          if (!arguments.isEmpty() || !argument.isEmpty()) {
            arguments.add(argument.toString());
          }
          return arguments;
        }
        if (c == ',') {
          arguments.add(argument.toString().strip());
          argument.setLength(0);
          at++;
        } else if (c == '"' || c == '\'') {
          quoted(c, argument);
        } else if (c == '\\' && at + 1 < text.length()) {
          argument.append(text.charAt(at + 1));
          at += 2;
        } else {
          open += c == '(' ? 1 : c == ')' ? -1 : 0;
          argument.append(c);
          at++;
        }
      }
      throw new SyntaxException("expected ')' in '" + text + "'");
    }

    private void quoted(char quote, StringBuilder argument) {
      int close = text.indexOf(quote, at + 1);
      if (close < 0) {
        throw new SyntaxException("expected a closing " + quote + " in '" + text + "'");
      }
      argument.append(text, at + 1, close);
      at = close + 1;
    }
  }
}
