package dev.understudy.proxy.filter;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.LinearPattern;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.pool.RoutePart;
import java.util.regex.Pattern;

/** {@code RewritePath}: replaces what the pattern finds in the path. */
public record RewritePath(LinearPattern pattern, String replacement) implements ChangeStep {
  public static final FilterKind KIND =
      FilterKind.gateway("RewritePath", "regexp", "replacement").with(Trait.REQUIRED);

  /**
   * Compiles an expression that means the same to RE2 and to the Gateway, which has Java's
   * expressions.
   */
  static Step compile(FilterSource source) throws NotCompilableException {
    FilterArguments args = source.leftWithBraces();
    String regexp = args.required("regexp");
    String replacement = args.text("replacement");
    boolean compiled =
        replacement != null
            && !regexp.contains("&&")
            && source.filter().args().keySet().stream()
                .allMatch(
                    key -> RoutePart.isGenerated(key) || source.kind().arguments().contains(key));
    // Written so, as "${" would begin a placeholder of Spring's.
    String plain = compiled ? String.valueOf(replacement).replace("$\\", "$") : "$";
    try {
      LinearPattern pattern = LinearPattern.of(regexp, false);
      if (!plain.endsWith("$")) {
        return new RewritePath(pattern, pattern.require(plain));
      }
    } catch (ExpressionException e) {
      // Java's expressions may have more.
    }
    throw source.notCompiled();
  }

  /** The Gateway has the same filter. */
  @Override
  public boolean differsFromGateway() {
    return false;
  }

  @Override
  public boolean change(RequestFacts facts) {
    return facts.form().rewrite(pattern.replaceAll(facts.path(), replacement));
  }

  /**
   * The same with an expression that RE2 does not have: the Gateway lane's alone, as a client can
   * make it slow.
   */
  public record JavaRewrite(Pattern pattern, String replacement) implements ChangeStep {
    /**
     * Compiles an expression that was checked.
     *
     * @param replacement as the Gateway has it, with {@code $\} for a dollar sign
     */
    public static JavaRewrite of(String regexp, String replacement) {
      return new JavaRewrite(Pattern.compile(regexp), replacement.replace("$\\", "$"));
    }

    @Override
    public boolean change(RequestFacts facts) {
      return facts.form().rewrite(pattern.matcher(facts.path()).replaceAll(replacement));
    }
  }
}
