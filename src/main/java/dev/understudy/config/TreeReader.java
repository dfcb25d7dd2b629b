package dev.understudy.config;

import dev.understudy.file.BoundedParser;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Parses YAML text into a tree with the position of every key and value.
 *
 * <p>Spring Boot's loader is not used: it keeps only scalars' positions, stops at the first
 * duplicate key, and sets no limits.
 */
final class TreeReader {
  static final Set<Tag> PLAIN_TAGS =
      Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.MAP, Tag.SEQ, Tag.MERGE);

  private TreeReader() {}

  /** Returns the tree, or null after reporting problems. */
  static @Nullable MapNode read(String text, Problems problems) {
    Node root;
    try {
      root = compose(text, problems);
    } catch (MarkedYAMLException e) {
      YamlErrorText.Fault fault = YamlErrorText.of(e, text);
      problems.addAt(fault.at(), "not YAML: " + fault.expected());
      return null;
    } catch (BoundedParser.TooLargeException e) {
      problems.addAt(Position.of(e.at()), String.valueOf(e.getMessage()));
      return null;
    } catch (ReaderException e) {
      problems.addAt(
          placeOf(text, e.getPosition()),
          "not YAML: a character that YAML does not allow"
              + ProblemValue.invisible(Character.toString(e.getCodePoint())));
      return null;
    } catch (YAMLException e) {
      problems.addAt(Position.WHOLE_FILE, "not YAML: " + firstLine(e));
      return null;
    }
    return root == null ? null : new TreeBuilder(problems).build(root);
  }

  private static @Nullable Node compose(String text, Problems problems) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(DynamicFileLimits.FILE_BYTES);
    options.setNestingDepthLimit(DynamicFileLimits.DEPTH);
    options.setMaxAliasesForCollections(DynamicFileLimits.POOLS);
    Composer composer =
        new Composer(new BoundedParser(text, options), new WithoutTimestamps(), options);
    Node first = composer.checkNode() ? composer.getNode() : null;
    if (first == null || Tag.NULL.equals(first.getTag())) {
      problems.addAt(new Position(1, 1), "expected pools and routes, found nothing");
      return null;
    }
    if (composer.checkNode()) {
      problems.addAt(
          Position.of(composer.getNode().getStartMark()),
          "expected one YAML document, found a second one");
    }
    return first;
  }

  private static Position placeOf(String text, int codePoints) {
    int end = Math.min(text.length(), Math.max(codePoints, 0));
    int line = (int) text.substring(0, end).chars().filter(c -> c == '\n').count() + 1;
    return new Position(line, end - text.lastIndexOf('\n', Math.max(end - 1, 0)));
  }

  private static String firstLine(YAMLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("it cannot be read");
  }

  /** Reads dates as text, like Spring Boot's loader. */
  private static final class WithoutTimestamps extends Resolver {
    @Override
    public void addImplicitResolver(Tag tag, Pattern regexp, String first, int limit) {
      if (!Tag.TIMESTAMP.equals(tag)) {
        super.addImplicitResolver(tag, regexp, first, limit);
      }
    }
  }
}
