package dev.understudy.file;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.resolver.Resolver;

/** Parses YAML of bounded size whose text must not be quoted, because it holds secrets. */
public final class BoundedYaml {
  /** The text is no YAML, or too large; the message repeats nothing of it. */
  public static final class NotYaml extends Exception {
    private static final long serialVersionUID = 1;

    private NotYaml(String where) {
      super(where + "it is not YAML", null, false, false);
    }

    private NotYaml(BoundedParser.TooLargeException e) {
      super("line " + (e.at().getLine() + 1) + ": " + e.getMessage(), null, false, false);
    }
  }

  private BoundedYaml() {}

  /**
   * Parses one document.
   *
   * @param characters the limit of the text
   * @param depth the limit of nesting
   * @param aliases the limit of aliases of maps and lists
   * @return null if there is no document
   * @throws NotYaml with the line, if it is known
   */
  public static @Nullable Node compose(String text, int characters, int depth, int aliases)
      throws NotYaml {
    LoaderOptions limits = new LoaderOptions();
    limits.setCodePointLimit(characters);
    limits.setNestingDepthLimit(depth);
    limits.setMaxAliasesForCollections(aliases);
    try {
      return new Composer(new BoundedParser(text, limits), new Resolver(), limits).getSingleNode();
    } catch (BoundedParser.TooLargeException e) {
      throw new NotYaml(e);
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
      throw new NotYaml(mark == null ? "" : "line " + (mark.getLine() + 1) + ": ");
    } catch (YAMLException e) {
      throw new NotYaml("");
    }
  }
}
