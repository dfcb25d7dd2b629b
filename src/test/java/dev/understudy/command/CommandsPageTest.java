package dev.understudy.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pages.MarkdownTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** {@code deploy/commands.md} names the operator's commands that there are, and no other. */
class CommandsPageTest {
  private static final Path PAGE = Path.of("deploy/commands.md");
  private static final List<String> ELSEWHERE = List.of("serve", "validate", "demo");

  @Test
  void every_command_is_in_the_table() {
    Set<String> named = new TreeSet<>();
    MarkdownTable.rows(PAGE, "| command | does |").stream()
        .flatMap(row -> MarkdownTable.code(row.getFirst()).stream())
        .forEach(code -> named.add(code.split(" ")[1]));
    Set<String> commands = new TreeSet<>(TestProgram.create().getSubcommands().keySet());
    ELSEWHERE.forEach(commands::remove);
    assertThat(named).isEqualTo(commands);
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
