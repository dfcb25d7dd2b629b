package dev.understudy.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pages.MarkdownTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** {@code deploy/commands.md} names the commands that there are, and no other. */
class CommandsPageTest {
  private static final Path PAGE = Path.of("deploy/commands.md");

  @Test
  void every_command_is_in_the_table() {
    Set<String> named = new TreeSet<>();
    MarkdownTable.rows(PAGE, "| command | does |").stream()
        .flatMap(row -> MarkdownTable.code(row.getFirst()).stream())
        .forEach(code -> named.add(code.split(" ")[1]));
    assertThat(named).isEqualTo(TestProgram.create().getSubcommands().keySet());
  }

  @Test
  void every_option_in_the_table_exists() {
    Set<String> options = new TreeSet<>();
    TestProgram.create().getSubcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .flatMap(command -> command.options().stream())
        .forEach(option -> options.addAll(List.of(option.names())));
    List<String> named =
        MarkdownTable.rows(PAGE, "| option | means |").stream()
            .flatMap(row -> MarkdownTable.code(row.getFirst()).stream())
            .map(code -> code.split(" ")[0])
            .toList();
    assertThat(named).isNotEmpty();
    assertThat(options).containsAll(named);
  }
}
