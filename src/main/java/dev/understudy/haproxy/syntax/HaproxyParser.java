package dev.understudy.haproxy.syntax;

import dev.understudy.haproxy.syntax.HaproxyFile.SkippedLine;
import dev.understudy.haproxy.syntax.Statement.Word;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a configuration: lines to statements, statements to sections. */
public final class HaproxyParser {
  /** Deepest nesting of conditional blocks, as in HAProxy. */
  private static final int DEEPEST = 16;

  private static final String NAME_RELEASE =
      ": name your release with --haproxy, as haproxy -v prints it";

  /** A variable in a condition, whose value here may be another than for the service of HAProxy. */
  private static final String VARIABLE = "$";

  private enum Branch {
    /** The lines count. */
    TAKEN,
    /** No branch so far was taken; a later one may be. */
    WAITING,
    /** Another branch was taken, or the whole block is inside one that does not count. */
    OVER
  }

  private static final class Block {
    private final int line;
    private Branch branch;
    private boolean last;

    /** Whether the lines that count depend on a version or release that nobody named. */
    private boolean isAssumed;

    Block(int line, Branch branch, boolean isAssumed) {
      this.line = line;
      this.isAssumed = isAssumed;
      this.branch = branch;
    }
  }

  private final EnvironmentVariables variables;
  private final @Nullable HaproxyVersion named;
  private final List<SyntaxProblem> problems = new ArrayList<>();
  private final List<HaproxySection> sections = new ArrayList<>();
  private final List<SkippedLine> skipped = new ArrayList<>();
  private final Deque<Block> blocks = new ArrayDeque<>();
  private @Nullable Statement header;
  private List<Statement> statements = new ArrayList<>();

  private HaproxyParser(
      Function<String, @Nullable String> environment, @Nullable HaproxyVersion named) {
    this.named = named;
    variables = new EnvironmentVariables(environment);
  }

  /**
   * Reads a configuration whose version nobody names.
   *
   * @param environment the value of an environment variable; null if it is not set
   */
  public static HaproxyFile parse(String text, Function<String, @Nullable String> environment) {
    return parse(text, environment, null);
  }

  /**
   * Reads a configuration.
   *
   * @param environment the value of an environment variable; null if it is not set
   * @param named decides on conditional blocks; null: {@link HaproxyVersion#ASSUMED} does
   */
  public static HaproxyFile parse(
      String text, Function<String, @Nullable String> environment, @Nullable HaproxyVersion named) {
    return new HaproxyParser(environment, named).read(text);
  }

  private HaproxyFile read(String text) {
    int number = 0;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      number++;
      try {
        line(number, line);
      } catch (SyntaxException e) {
        problems.add(new SyntaxProblem(number, e.column(), e.text()));
      }
    }
    if (!blocks.isEmpty()) {
      problems.add(new SyntaxProblem(blocks.peek().line, 0, "expected .endif for this .if"));
    }
    endSection();
    if (sections.isEmpty() && problems.isEmpty()) {
      problems.add(
          new SyntaxProblem(1, 0, "expected at least one section, such as 'frontend web'"));
    }
    return new HaproxyFile(sections, skipped, variables.missing(), problems);
  }

  private void line(int number, String line) {
    String source = line.strip();
    if (source.isEmpty() || source.startsWith("#")) {
      return;
    }
    if (source.startsWith(".")) {
      directive(number, line, source);
    } else if (!counts()) {
      boolean isAssumed = isAssumed();
      skipped.add(
          new SkippedLine(
              number,
              masked(line),
              "in a conditional block that does not apply (HAProxy %s is assumed, with the"
                      .formatted(release())
                  + " environment of this import)"
                  + nameRelease(isAssumed),
              isAssumed));
    } else {
      statement(number, line);
    }
  }

  private String release() {
    return (named == null ? HaproxyVersion.ASSUMED : named).release();
  }

  private String nameRelease(boolean isAssumed) {
    boolean isWhole = named != null && named.patch().isPresent();
    return isAssumed && !isWhole ? NAME_RELEASE : "";
  }

  private boolean isAssumed() {
    return !blocks.isEmpty() && blocks.peek().isAssumed;
  }

  private boolean counts() {
    return blocks.isEmpty() || blocks.peek().branch == Branch.TAKEN;
  }

  private void directive(int number, String line, String source) {
    String name = source.split("\\s", 2)[0];
    switch (name) {
      case ".if" -> {
        if (blocks.size() == DEEPEST) {
          throw new SyntaxException("expected at most " + DEEPEST + " nested .if");
        }
        Block block = new Block(number, counts() ? Branch.WAITING : Branch.OVER, isAssumed());
        blocks.push(block);
        branch(block, line);
      }
      case ".elif" -> branch(open(name), line);
      case ".else" -> {
        Block block = open(name);
        block.last = true;
        block.branch = block.branch == Branch.WAITING ? Branch.TAKEN : Branch.OVER;
      }
      case ".endif" -> {
        if (blocks.poll() == null) {
          throw new SyntaxException("expected .if before .endif");
        }
      }
      case ".alert", ".error" -> {
        if (counts()) {
          throw new SyntaxException("the configuration refuses to be read: " + masked(line));
        }
      }
      case ".notice", ".warning", ".diag" -> {}
      default ->
          throw new SyntaxException(
              "expected .if, .elif, .else, .endif, .alert, .warning, .notice or .diag, found "
                  + name);
    }
    boolean isAssumed = isAssumed() && (name.equals(".if") || name.equals(".elif"));
    String why =
        isAssumed
            ? "HAProxy %s is assumed, with the environment of this import and OpenSSL 3.0"
                    .formatted(release())
                + nameRelease(true)
            : "directs the reading of the file only";
    skipped.add(new SkippedLine(number, masked(line), why, isAssumed));
  }

  /** A line without effect as reports show it; no variable that it asks for is missing. */
  private static String masked(String line) {
    return SourceSecrets.masked(
            line, LineTokenizer.words(line, new EnvironmentVariables(name -> "")))
        .strip();
  }

  private Block open(String name) {
    Block block = blocks.peek();
    if (block == null || block.last) {
      throw new SyntaxException("expected .if before " + name);
    }
    return block;
  }

  private void branch(Block block, String line) {
    if (block.branch == Branch.WAITING) {
      List<Word> words = LineTokenizer.words(line, variables);
      BlockCondition.Outcome outcome =
          BlockCondition.of(words.subList(1, words.size()), variables, named);
      block.isAssumed |= outcome.isAssumed() || line.contains(VARIABLE);
      if (outcome.holds()) {
        block.branch = Branch.TAKEN;
      }
    } else {
      block.branch = Branch.OVER;
    }
  }

  private void statement(int number, String line) {
    List<Word> words = LineTokenizer.words(line, variables);
    if (words.isEmpty()) {
      return;
    }
    String source = SourceSecrets.masked(line, words).strip();
    String first = words.getFirst().text();
    boolean isReset = first.equals("no") || first.equals("default");
    if (isReset) {
      words = words.subList(1, words.size());
      if (words.isEmpty()) {
        throw new SyntaxException("expected a keyword after '" + source + "'");
      }
    }
    words = variables.expandAddresses(words);
    Statement statement = new Statement(number, source, isReset, words);
    String keyword = statement.keyword();
    SectionKind kind = isReset ? null : SectionKind.of(keyword);
    if (kind != null) {
      endSection();
      header = statement;
      if (kind.isNamed() && statement.size() < 2) {
        throw new SyntaxException("expected a name after '" + keyword + "'");
      }
    } else if (header == null) {
      throw new SyntaxException("expected a section, such as 'global', before '" + keyword + "'");
    } else {
      statements.add(statement);
      if (header.keyword().equals("global")) {
        variables.apply(statement);
      }
    }
  }

  private void endSection() {
    Statement begun = header;
    SectionKind kind = begun == null ? null : SectionKind.of(begun.keyword());
    if (begun != null && kind != null) {
      String name = begun.word(1).equals("from") ? "" : begun.word(1);
      sections.add(new HaproxySection(kind, name, begun, statements));
    }
    header = null;
    statements = new ArrayList<>();
  }
}
