package dev.understudy.haproxy.acl;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a rule gives to a variable or a header field, so that conditions can ask for that itself: a
 * guard then sees every form of the path, where the variable has been set by one of them.
 *
 * @param when holds for the requests that get it
 */
public record Assignment(Expression when, Value value) {
  /** What is given. */
  public sealed interface Value {}

  /** A constant. */
  public record Text(String text) implements Value {}

  /** What a sample reads. */
  public record Read(Sample sample) implements Value {}

  /** Nothing: what was there is removed. */
  public record Nothing() implements Value {}

  /**
   * A value without words here.
   *
   * @param ofPath whether it has the path in it
   */
  public record Unknown(boolean ofPath) implements Value {}

  /**
   * A value, or a condition, of something that has been changed since.
   *
   * @param ofPath whether it reads the path
   */
  public record Stale(boolean ofPath) implements Value {}

  private static final Set<String> CONSTANTS = Set.of("str", "int", "bool");

  /** The assignment of a sample, as of {@code set-var}. */
  public static Assignment of(Expression when, Sample written) {
    Sample sample = AclTest.canonical(written);
    boolean constant = CONSTANTS.contains(sample.name()) && sample.converters().isEmpty();
    return new Assignment(
        when,
        constant ? new Text(sample.argument().replaceFirst("^true$", "1")) : new Read(sample));
  }

  /** The same, after a change of what it reads. */
  public Assignment stale(TermContext context) {
    return new Assignment(when, new Stale(readsPath(context)));
  }

  /** Whether it applies to all requests. */
  public boolean isAlways() {
    return when.equals(Expression.Constant.TRUE);
  }

  /** The test of the value instead of the variable; absent if there is none. */
  Optional<Expression> test(AclTest test, TermContext context) {
    if (test.matcher().equals("found") && !(value instanceof Stale)) {
      return Optional.of(new Expression.Constant(!(value instanceof Nothing)));
    }
    return switch (value) {
      case Text text -> Constants.test(test, text.text());
      case Nothing nothing -> Optional.of(Expression.Constant.FALSE);
      case Unknown unknown -> Optional.empty();
      case Stale stale -> Optional.empty();
      case Read read -> {
        boolean known = isSingle(read.sample());
        Expression expression = known ? Terms.of(test.of(read.sample()), context) : null;
        yield Optional.ofNullable(expression).filter(each -> each.unknown().isEmpty());
      }
    };
  }

  private static boolean isSingle(Sample sample) {
    return Samples.of(sample.name()).isSingle() || sample.isHost();
  }

  /** Whether the value, or whether it is given, depends on the path. */
  boolean readsPath(TermContext context) {
    return switch (value) {
      case Unknown unknown when unknown.ofPath() -> true;
      case Stale stale -> stale.ofPath();
      default -> reads(context).anyMatch(Expression::readsPath);
    };
  }

  /** What decides on the value. */
  public Stream<Expression> reads(TermContext context) {
    return value instanceof Read read
        ? Stream.of(when, Terms.of(any(read.sample()), context))
        : Stream.of(when);
  }

  /** Whether conditions can ask for it in place of the variable. */
  public boolean isReadable(TermContext context) {
    return value instanceof Text
        || (value instanceof Read read
            && isSingle(read.sample())
            && Terms.of(any(read.sample()), context).unknown().isEmpty());
  }

  /** A comparison with any text, whose term names what the sample reads. */
  private static AclTest any(Sample sample) {
    return new AclTest(sample, "str", false, List.of("x"), List.of());
  }
}
