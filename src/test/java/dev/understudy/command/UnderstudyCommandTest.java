package dev.understudy.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import picocli.CommandLine;

/** A misspelt option or command is refused, never ignored. */
class UnderstudyCommandTest {
  @Rows(
      """
      validate --strct config/gateway.yaml   | Unknown option: '--strct'
      validate config/gateway.yaml --strct   | Unknown option: '--strct'
      validate --a=b config/gateway.yaml     | Unknown option: '--a=b'
      validate -s config/gateway.yaml        | Unknown option: '-s'
      demo --strct                           | Unknown option: '--strct'
      demo now                               | Unmatched argument at index 1: 'now'
      serve --strct                          | Unknown option: '--strct'
      --strct                                | Unknown option: '--strct'
      completion bash zsh                    | Unmatched argument at index 2: 'zsh'
      manual --strct                         | Unknown option: '--strct'
      help stats                             | There is no command 'stats'; did you mean 'status'?
      status shop cart                       | understudy: Unmatched argument at index 2: 'cart'
      --server.port=1 demo                   | Expected the command first, found '--server.port=1' before 'demo'
      --foo bar validate config/gateway.yaml | Expected the command first, found '--foo' before 'validate'
      valdate config/gateway.yaml            | Unmatched arguments from index 0: 'valdate', 'config/gateway.yaml'
      """)
  void an_unknown_argument_is_named(String line, String said) {
    TestProgram.Ran ran = TestProgram.run(line.split(" "));
    assertThat(ran.status()).isIn(CommandLine.ExitCode.USAGE, 3);
    assertThat(ran.errors()).startsWith(said);
  }

  @Rows(
      """
      help         | Usage: understudy [serve]
      help explain | Usage: understudy status
      help demo    | Usage: understudy demo
      version      | Understudy
      """)
  void help_and_version_are_commands_too(String line, String begins) {
    TestProgram.Ran ran = TestProgram.run(line.split(" "));
    assertThat(ran.status()).as(ran.errors()).isZero();
    assertThat(ran.out()).startsWith(begins);
  }
}
