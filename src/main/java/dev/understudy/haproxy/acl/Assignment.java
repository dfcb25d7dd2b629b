package dev.understudy.haproxy.acl;

import dev.understudy.haproxy.acl.Sample.Call;
import dev.understudy.haproxy.acl.TranslatedCondition.Constant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a rule gives to a variable or a header field, so that conditions can ask for that itself: a
 * guard then sees every form of the path, where the variable has been set by one of them.
 *
 * @param when holds for the requests that get it
 */
public record Assignment(TranslatedCondition when, Value value) {
  /** What is given. */
  public sealed interface Value {}

  /** A constant. */
  public record Text(String text) implements Value {}

  /** What a sample reads. */
  public record Read(Sample sample) implements Value {}

  /** Nothing: what was there is removed. */
  public record Nothing() implements Value {}

  /**
   * A value that is not translated.
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

  /** Most rules that give a variable its value, of which a condition asks for each. */
  private static final int MOST = 4;

  /** The assignment of a sample, as of {@code set-var}. */
  public static Assignment of(TranslatedCondition when, Sample written) {
    Sample sample = written.canonical();
    Optional<String> constant =
        SampleTable.of(sample.fetch()).is("constant") && sample.converters().isEmpty()
            ? LogFormat.sample(sample)
            : Optional.empty();
    return new Assignment(when, constant.<Value>map(Text::new).orElseGet(() -> new Read(sample)));
  }

  /** The test of the last one that applies; absent if one is unknown, or if there are too many. */
  static Optional<TranslatedCondition> last(
      List<Assignment> all, AclComparison test, TermContext context) {
    if (all.isEmpty() || all.size() > MOST) {
      return Optional.empty();
    }
    List<TranslatedCondition> alternatives = new ArrayList<>();
    TranslatedCondition later = Constant.FALSE;
    for (Assignment each : all.reversed()) {
      if (later.isAlways()) {
        break;
      }
      alternatives.add(
          TranslatedCondition.all(
              TranslatedCondition.not(later), each.when(), each.test(test, context)));
      later = TranslatedCondition.any(later, each.when());
    }
    return Optional.of(TranslatedCondition.any(alternatives))
        .filter(each -> each.whyUnknown().isEmpty());
  }

  /** How the rules decide otherwise than HAProxy's. */
  static List<TermDifference> notes(List<Assignment> all, TermContext context) {
    return all.stream()
        .flatMap(each -> each.reads(context))
        .flatMap(each -> each.notes().stream())
        .map(TermDifference::ofGiven)
        .toList();
  }

  /** The same assignment, after what it reads has changed. */
  public Assignment stale(TermContext context) {
    return new Assignment(when, new Stale(readsPath(context)));
  }

  /** Whether it applies to all requests. */
  public boolean isAlways() {
    return when.isAlways();
  }

  /** The test of the value instead of the variable. */
  private TranslatedCondition test(AclComparison test, TermContext context) {
    if (test.isFound() && !(value instanceof Stale)) {
      return Constant.of(!(value instanceof Nothing));
    }
    return switch (value) {
      case Text text -> ConstantComparison.text(test, text.text());
      case Nothing nothing -> Constant.FALSE;
      case Read read when isSingle(read.sample()) ->
          TermTranslation.of(of(read.sample(), test), context);
      default -> test.unknown("what a rule before gives it");
    };
  }

  /** The test with a variable's sample in its place. */
  private static AclComparison of(Sample sample, AclComparison test) {
    List<Call> converters = new ArrayList<>(sample.converters());
    converters.addAll(test.sample().converters());
    return test.of(sample.converted(converters));
  }

  private static boolean isSingle(Sample sample) {
    return SampleTable.of(sample.fetch()).isSingle();
  }

  /** Whether the value, or whether it is given, depends on the path. */
  boolean readsPath(TermContext context) {
    return switch (value) {
      case Unknown unknown when unknown.ofPath() -> true;
      case Stale stale -> stale.ofPath();
      default -> reads(context).anyMatch(TranslatedCondition::readsPath);
    };
  }

  /** The conditions and samples that decide on the value. */
  public Stream<TranslatedCondition> reads(TermContext context) {
    return value instanceof Read read
        ? Stream.of(when, TermTranslation.of(any(read.sample()), context))
        : Stream.of(when);
  }

  /** Whether conditions can ask for it in place of the variable. */
  public boolean isReadable(TermContext context) {
    return value instanceof Text
        || (value instanceof Read read
            && isSingle(read.sample())
            && TermTranslation.of(any(read.sample()), context).whyUnknown().isEmpty());
  }

  /** A comparison with any text, whose term names what the sample reads. */
  private static AclComparison any(Sample sample) {
    return new AclComparison(sample, "str", false, List.of("x"), List.of());
  }
}
