package dev.understudy.condition;

import dev.understudy.network.Networks;
import dev.understudy.pool.PoolId;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A condition on a request and its response: the tree of its expression, which is also its compiled
 * form. Immutable.
 */
@SuppressWarnings("ReferenceEquality") // most conditions resolve to themselves
public sealed interface Condition {

  /** Whether the condition holds. */
  boolean test(Facts facts);

  /** Parses an expression. */
  static Condition parse(String expression) throws ExpressionException {
    return new ConditionParser(expression).parse();
  }

  /** Whether a text begins as a condition does. */
  static boolean begins(String text) {
    return ConditionTerms.BEGINNING.matcher(text).matches();
  }

  /** The terms of the condition. */
  default Stream<Condition> terms() {
    return switch (this) {
      case All all -> all.of().stream().flatMap(Condition::terms);
      case OneOf any -> any.of().stream().flatMap(Condition::terms);
      case Not not -> not.of().terms();
      default -> Stream.of(this);
    };
  }

  /**
   * The condition that is left for the response: terms of the request become what they are now. The
   * same object if there are none.
   */
  default Condition resolve(Facts facts) {
    return switch (this) {
      case All all -> {
        List<Condition> left = resolved(all.of(), facts);
        yield left.contains(Constant.FALSE)
            ? Constant.FALSE
            : left == all.of() ? this : new All(left);
      }
      case OneOf any -> {
        List<Condition> left = resolved(any.of(), facts);
        yield left.contains(Constant.TRUE)
            ? Constant.TRUE
            : left == any.of() ? this : new OneOf(left);
      }
      case Not not -> {
        Condition left = not.of().resolve(facts);
        yield left == not.of() ? this : new Not(left);
      }
      default -> isTermOfResponse() ? this : Constant.of(test(facts));
    };
  }

  private static List<Condition> resolved(List<Condition> of, Facts facts) {
    List<Condition> left = of.stream().map(each -> each.resolve(facts)).toList();
    for (int i = 0; i < left.size(); i++) {
      if (left.get(i) != of.get(i)) {
        return left;
      }
    }
    return of;
  }

  /** Whether a term asks for the response, so that the condition can only be decided then. */
  default boolean isOfResponse() {
    return terms().anyMatch(Condition::isTermOfResponse);
  }

  /** Whether this term asks for the response. */
  default boolean isTermOfResponse() {
    return this instanceof Status
        || (this instanceof Text text && text.source().kind() == TermSubject.Kind.RESPONSE_HEADER);
  }

  /** Whether a term asks for the path. */
  default boolean isOfPath() {
    return terms().anyMatch(term -> term instanceof Text text && text.source().kind().isOfPath());
  }

  /** Whether it compares the path or the query. */
  default boolean isOfTarget() {
    return terms().anyMatch(term -> term instanceof Text text && text.source().kind().isOfTarget());
  }

  /** {@code and}. */
  record All(List<Condition> of) implements Condition {
    @Override
    public boolean test(Facts facts) {
      for (int i = 0; i < of.size(); i++) {
        if (!of.get(i).test(facts)) {
          return false;
        }
      }
      return true;
    }
  }

  /** {@code or}. */
  record OneOf(List<Condition> of) implements Condition {
    @Override
    public boolean test(Facts facts) {
      for (int i = 0; i < of.size(); i++) {
        if (of.get(i).test(facts)) {
          return true;
        }
      }
      return false;
    }
  }

  /** {@code not}. */
  record Not(Condition of) implements Condition {
    @Override
    public boolean test(Facts facts) {
      return !of.test(facts);
    }
  }

  /** {@code any} and {@code never}. */
  record Constant(boolean value) implements Condition {
    static final Constant TRUE = new Constant(true);
    static final Constant FALSE = new Constant(false);

    static Constant of(boolean value) {
      return value ? TRUE : FALSE;
    }

    @Override
    public boolean test(Facts facts) {
      return value;
    }
  }

  /**
   * A text passes a test. Text from a Path or Host that no request of a route can lack is also its
   * index.
   *
   * @param written the values as they were written
   */
  record Text(TermSubject source, TextMatch match, List<String> written) implements Condition {
    @Override
    public boolean test(Facts facts) {
      return source.any(facts, match);
    }
  }

  /** The networks of {@code client-address} that seem to lack their mask. */
  default Stream<String> withoutMask() {
    return terms()
        .flatMap(
            term ->
                term instanceof ClientAddress client
                    ? client.networks().withoutMask().stream()
                    : Stream.empty());
  }

  /** {@code client-address}. */
  record ClientAddress(Networks networks) implements Condition {
    @Override
    public boolean test(Facts facts) {
      return networks.contains(facts.clientAddress());
    }
  }

  /** The terms without arguments that ask for something. */
  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  enum Flag implements Condition {
    TLS(Facts::isTls),
    CLIENT_CERTIFICATE(facts -> TermSubject.certificate(facts) != null),
    WEBSOCKET(Facts::isWebSocket);

    private final Predicate<Facts> holds;

    Flag(Predicate<Facts> holds) {
      this.holds = holds;
    }

    @Override
    public boolean test(Facts facts) {
      return holds.test(facts);
    }
  }

  /** {@code header-count}: the elements of all field lines (HAProxy {@code req.hdr_cnt}). */
  record HeaderCount(String name, NumberRange count) implements Condition {
    @Override
    public boolean test(Facts facts) {
      int[] found = {0};
      for (String line : facts.headers(name)) {
        TermSubject.anyElement(
            line,
            element -> {
              found[0]++;
              return false;
            });
      }
      return count.test(found[0]);
    }
  }

  /** {@code content-length}; false without a length. */
  record ContentLength(NumberRange length) implements Condition {
    private static final int MOST_DIGITS = 18;

    @Override
    public boolean test(Facts facts) {
      List<String> lines = facts.headers("content-length");
      String value = lines.isEmpty() ? "" : lines.getFirst().strip();
      boolean number =
          !value.isEmpty()
              && value.length() <= MOST_DIGITS
              && value.chars().allMatch(c -> c >= '0' && c <= '9');
      return number && length.test(Long.parseLong(value));
    }
  }

  /**
   * {@code random}: drawn anew for each test.
   *
   * @param below the numbers from 0 up to that one, without it, are equally probable
   */
  record RandomNumber(int below, NumberRange meant) implements Condition {
    @Override
    public boolean test(Facts facts) {
      return meant.test(ThreadLocalRandom.current().nextInt(below));
    }
  }

  /** {@code usable-servers}. */
  record UsableServers(PoolId pool, NumberRange count) implements Condition {
    @Override
    public boolean test(Facts facts) {
      return count.test(facts.usableServers(pool));
    }
  }

  /** {@code status} of the response. */
  record Status(List<NumberRange> ranges) implements Condition {
    @Override
    public boolean test(Facts facts) {
      int status = facts.status();
      for (int i = 0; i < ranges.size(); i++) {
        if (ranges.get(i).test(status)) {
          return true;
        }
      }
      return false;
    }
  }
}
