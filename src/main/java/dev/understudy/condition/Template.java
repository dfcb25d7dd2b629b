package dev.understudy.condition;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A text with values of the request in braces, such as <code>https://{host}{path}</code>.
 * Immutable.
 */
public final class Template {
  /** In characters, of a text with its values; what is longer is cut. */
  public static final int LONGEST = 16 * 1024;

  /** A part of the text. */
  sealed interface Part permits Text, TemplateValue {}

  record Text(String text) implements Part {}

  private static final Pattern BRACES =
      Pattern.compile("\\{([a-z][a-z-]*(?:\\.[A-Za-z0-9!#$%&'*+.^_`|~\\[\\]-]+)?)}");

  private static final Pattern RELATIVE = Pattern.compile("[^/\\\\{:]+(?:[/?#{]|$)");

  private static final Pattern ORIGIN =
      Pattern.compile(
          "(?:(?:[A-Za-z][A-Za-z0-9+.-]*|\\{scheme}):)?//"
              + "(?:[A-Za-z0-9.-]*\\{host(?:-name)?}(?::[0-9]+)?|[A-Za-z0-9.:\\[\\]-]+)"
              + "(?=[/?#]|$|\\{(?:target|path)})");

  private static final Set<String> OWN_TARGET =
      Set.of("{target}", "{path}", "{path}{query-string}");

  private final String written;
  private final List<Part> parts;

  private Template(String written, List<Part> parts) {
    this.written = written;
    this.parts = List.copyOf(parts);
  }

  /**
   * Parses a text. Braces with other names than those of values stay as they are.
   *
   * @param variables names that are the route's own, of its path or host; they are not values here
   * @throws ExpressionException if a name in braces looks like a value's but is none
   */
  public static Template parse(String text, Set<String> variables) throws ExpressionException {
    List<Part> parts = new ArrayList<>();
    Matcher braces = BRACES.matcher(text);
    int from = 0;
    while (braces.find()) {
      String name = braces.group(1);
      TemplateValue value = variables.contains(name) ? null : TemplateValue.parse(name);
      if (value != null) {
        if (braces.start() > from) {
          parts.add(new Text(text.substring(from, braces.start())));
        }
        parts.add(value);
        from = braces.end();
      }
    }
    if (from < text.length()) {
      parts.add(new Text(text.substring(from)));
    }
    return new Template(text, parts);
  }

  /** Whether the text has no values, so that it is the same for every request. */
  public boolean isConstant() {
    return parts.stream().allMatch(Text.class::isInstance);
  }

  /** The names of the request's header fields whose values the text has. */
  public Stream<String> headers() {
    return values()
        .filter(value -> value.kind() == TemplateValue.Kind.HEADER)
        .map(TemplateValue::name);
  }

  private Stream<TemplateValue> values() {
    return parts.stream().filter(TemplateValue.class::isInstance).map(TemplateValue.class::cast);
  }

  /** Whether a value is known only with the response. */
  public boolean isOfResponse() {
    return values().anyMatch(TemplateValue::isOfResponse);
  }

  /**
   * Whether the text consists of values alone, none of which the request has: it is then no value
   * either, as a sample that fails is none in HAProxy.
   */
  public boolean isAbsent(Facts facts) {
    return !parts.isEmpty()
        && parts.stream()
            .allMatch(part -> part instanceof TemplateValue value && value.isAbsent(facts));
  }

  /**
   * The text with its values, which is a path or a location, unless values lead it elsewhere than
   * it is written: what a client calls by a name has a slash, or a segment with a value becomes a
   * dot segment, as it is or decoded. The query of a location is not looked at.
   *
   * @return null if values lead it elsewhere
   */
  public @Nullable String renderPath(Facts facts, Escape escape) {
    StringBuilder to = new StringBuilder(written.length() + 32);
    boolean filled = false;
    boolean inQuery = false;
    int end = 0;
    for (int i = 0; i < parts.size() && to.length() < LONGEST; i++) {
      Part part = parts.get(i);
      TemplateValue value = part instanceof TemplateValue of ? of : null;
      if (!inQuery && value != null && value.hasClientSlash(facts)) {
        return null;
      }
      filled |= !inQuery && value != null;
      append(part, facts, escape, to);
      while (!inQuery && end < to.length()) {
        inQuery = (value == null || !value.isNamed()) && "?#".indexOf(to.charAt(end)) >= 0;
        end += inQuery ? 0 : 1;
      }
    }
    return filled && PathForms.hasDotSegment(to.substring(0, end)) ? null : cut(to);
  }

  /** Whether what a client calls by a name has a slash in it, as it is or decoded. */
  public boolean hasClientSlash(Facts facts) {
    return values().anyMatch(value -> value.hasClientSlash(facts));
  }

  /**
   * Whether the written text is an origin and the request's own target or path: that leads nowhere
   * but to where the client went, dot segments or not.
   */
  public boolean isOwnTargetElsewhere() {
    Matcher origin = ORIGIN.matcher(written);
    return origin.lookingAt() && OWN_TARGET.contains(written.substring(origin.end()));
  }

  /** Whether the text begins with a value. */
  public boolean beginsWithValue() {
    return !parts.isEmpty() && !(parts.getFirst() instanceof Text);
  }

  /** Whether the written text begins as a relative reference without an origin does. */
  public boolean isRelative() {
    return RELATIVE.matcher(written).lookingAt();
  }

  /**
   * Whether the written text begins with an origin, {@code https://www.example.com} or {@code
   * //www.example.com}, or with the request's own, <code>{scheme}://{host}</code>, of which the
   * scheme, the port and labels before it may be others.
   */
  public boolean namesOrigin() {
    return ORIGIN.matcher(written).lookingAt();
  }

  /**
   * The text with its values.
   *
   * @param escape applied to the values, not to the text between them
   */
  public String render(Facts facts, Escape escape) {
    StringBuilder to = new StringBuilder(written.length() + 32);
    for (int i = 0; i < parts.size() && to.length() < LONGEST; i++) {
      append(parts.get(i), facts, escape, to);
    }
    return cut(to);
  }

  private static void append(Part part, Facts facts, Escape escape, StringBuilder to) {
    switch (part) {
      case Text text -> to.append(text.text());
      case TemplateValue value -> value.append(facts, escape, to);
    }
  }

  private static String cut(StringBuilder text) {
    return text.substring(0, Math.min(text.length(), LONGEST));
  }

  /**
   * The text that is left for the response: values of the request become what they are now. The
   * same object if there are none.
   */
  public Template resolve(Facts facts, Escape escape) {
    if (isConstant()) {
      return this;
    }
    List<Part> left = new ArrayList<>();
    for (Part part : parts) {
      if (part instanceof TemplateValue value && value.isOfResponse()) {
        left.add(part);
      } else {
        StringBuilder text = new StringBuilder();
        append(part, facts, escape, text);
        left.add(new Text(text.toString()));
      }
    }
    return new Template(written, left);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Template that && that.parts.equals(parts);
  }

  @Override
  public int hashCode() {
    return parts.hashCode();
  }

  /** Omits the text, which may hold a secret. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "Template[%d parts]", parts.size());
  }
}
