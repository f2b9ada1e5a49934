package org.ebpf4j.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ebpf4j.isa.Disassembler.Option;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DisassemblerTest {
  private static final Pattern SYMBOL = Pattern.compile("([0-9a-f]{16}) <(\\w+)>:");

  @Test
  void printsWhatLlvmObjdumpPrints() {
    assertSameListing(resource("every-instruction.bin"), text("every-instruction.txt"));
  }

  @Test
  void printsWhatTheInstalledLlvmObjdumpPrints(@TempDir Path dir) throws Exception {
    assumeTrue(installed("clang-19"), "needs clang-19");
    assumeTrue(installed("llvm-objdump-19"), "needs llvm-objdump-19");
    assumeTrue(installed("llvm-objcopy-19"), "needs llvm-objcopy-19");
    for (String file : List.of("every-instruction.s", "regenerate.sh")) {
      Files.write(dir.resolve(file), resource(file));
    }
    run(List.of("sh", dir.resolve("regenerate.sh").toString()));
    assertSameListing(
        Files.readAllBytes(dir.resolve("every-instruction.bin")),
        Files.readString(dir.resolve("every-instruction.txt")));
  }

  @Test
  void printsSourceSlotNumbersBytesAndHelperNames() {
    Bytecode code = Assembler.assemble("r1 = 5\n r2 = 1 ll\n call 1\n if r0 == 0 goto +0\n exit");
    Disassembler disassembler =
        Disassembler.plain()
            .with(Option.SLOT_NUMBERS, Option.RAW_BYTES)
            .withFunctions(List.of(new ProgramFunction(0, code.size(), "main", 0, true)))
            .withLines(List.of(new SourceLine(3, "a.c", 7, 1, "  value = lookup();")))
            .withHelpers(number -> number == 1 ? Optional.of("map_lookup") : Optional.empty())
            .withNotes(Map.of(1, "map ports"));
    assertThat(disassembler.print(code).lines())
        .containsExactly(
            "main:",
            "       0:\tb7 01 00 00 05 00 00 00\tr1 = 0x5",
            "       1:\t18 02 00 00 01 00 00 00 00 00 00 00 00 00 00 00\tr2 = 0x1 ll # map ports",
            "; value = lookup();",
            "       3:\t85 00 00 00 01 00 00 00\tcall 0x1 # map_lookup",
            "       4:\t15 00 00 00 00 00 00 00\tif r0 == 0x0 goto +0x0 <main+0x28>",
            "       5:\t95 00 00 00 00 00 00 00\texit");
  }

  @Test
  void goesOnBehindWhatIsNoInstruction() {
    assertThat(Disassembler.plain().print(Bytecode.of(0xff, 0x95)))
        .isEqualTo("\t<unknown>\n\texit\n");
  }

  private static void assertSameListing(byte[] code, String listing) {
    Bytecode bytecode = Bytecode.read(ByteBuffer.wrap(code), ByteOrder.LITTLE_ENDIAN);
    List<ProgramFunction> functions = functions(listing, bytecode.size());
    String printed =
        Disassembler.plain()
            .withFunctions(functions)
            .with(Option.SLOT_NUMBERS, Option.BARE_CALLS)
            .print(bytecode);
    String expected = SYMBOL.matcher(listing).replaceAll("$2:");
    assertThat(printed.strip().lines())
        .containsExactlyElementsOf(expected.strip().lines().toList());
    assertThat(functions).hasSize(2);
  }

  private static List<ProgramFunction> functions(String listing, int size) {
    List<ProgramFunction> functions = new ArrayList<>();
    List<Integer> starts = new ArrayList<>();
    List<String> names = new ArrayList<>();
    Matcher matcher = SYMBOL.matcher(listing);
    while (matcher.find()) {
      starts.add(Integer.parseInt(matcher.group(1), 16) / Bytecode.SLOT_BYTES);
      names.add(matcher.group(2));
    }
    for (int i = 0; i < starts.size(); i++) {
      int end = i + 1 < starts.size() ? starts.get(i + 1) : size;
      functions.add(new ProgramFunction(starts.get(i), end - starts.get(i), names.get(i), 0, true));
    }
    return functions;
  }

  private static boolean installed(String tool) {
    try {
      return new ProcessBuilder(tool, "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException missing) {
      return false;
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  private static void run(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private static String text(String name) {
    return new String(resource(name), StandardCharsets.UTF_8);
  }

  private static byte[] resource(String name) {
    try (InputStream in = DisassemblerTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
