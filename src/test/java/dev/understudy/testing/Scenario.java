package dev.understudy.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.AnnotationBasedArgumentsProvider;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** A test in words: its name, and what is done and expected, step by step. */
public record Scenario(String name, List<String> steps) {
  /** Does what a step says, or asserts it. */
  @FunctionalInterface
  public interface Player {
    /**
     * @param words the step's, of which the first says what it is; a word more than there are is
     *     empty
     */
    void play(Words words) throws Exception;
  }

  /** The words of a step. */
  public record Words(String[] all) {
    /** That word, or nothing. */
    public String at(int index) {
      return index < all.length ? all[index] : "";
    }

    public int number(int index) {
      return Integer.parseInt(at(index));
    }

    /** All words from that one on, as they were written; nothing if there are none. */
    public String from(int index) {
      return String.join(" ", List.of(all).subList(Math.min(index, all.length), all.length));
    }
  }

  /**
   * A test of the scenarios of a text: each line is the name of one, and the indented lines below
   * it have its steps, with semicolons between them.
   */
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ParameterizedTest(name = "{0}")
  @ArgumentsSource(Source.class)
  public @interface Each {
    String value();
  }

  /** What reads the text. */
  static final class Source extends AnnotationBasedArgumentsProvider<Each> {
    @Override
    protected Stream<? extends Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context, Each scenarios) {
      return all(scenarios.value()).map(Arguments::of);
    }
  }

  private static Stream<Scenario> all(String text) {
    List<Scenario> all = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (!line.startsWith(" ")) {
        all.add(new Scenario(line, new ArrayList<>()));
      } else {
        all.getLast().steps().addAll(List.of(line.strip().split("; *")));
      }
    }
    return all.stream();
  }

  /** Plays all steps; a failure says which one it was of. */
  public void play(Player player) {
    for (int i = 0; i < steps.size(); i++) {
      try {
        player.play(new Words(steps.get(i).split(" ", -1)));
      } catch (AssertionError | Exception e) {
        throw new AssertionError(name + ": step " + (i + 1) + ", \"" + steps.get(i) + "\"", e);
      }
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
