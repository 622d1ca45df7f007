// SPDX-License-Identifier: Apache-2.0

// This file describes ditto's verbs to cobra, which makes shell completions
// and manual pages of them. The verbs themselves are parsed without it.

package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Tree is the whole command line, for what is made of it: no command in it
// does anything.
func Tree() *cobra.Command { return tree(newGlobals()) }

func tree(g *globals) *cobra.Command {
	root := &cobra.Command{
		Use: "ditto", Version: Version,
		Short: "Run programs and containers on a Linux kernel in user space",
		Long: "Ditto runs programs and containers on a Linux kernel of its own, in user space. " +
			"It is an OCI runtime with the command line of runc, and one command for anyone: ditto do.",
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Use: "no-help", Hidden: true})
	root.PersistentFlags().AddFlagSet(g.set)
	root.AddCommand(describeDo(), &cobra.Command{Use: "version", Short: "Print the version", Run: nothing, ValidArgsFunction: cobra.NoFileCompletions})
	for _, v := range commands {
		root.AddCommand(v.describe(func() []string { return g.ids() }))
	}
	for _, v := range hostCommands {
		root.AddCommand(v.describe(func() []string { return v.words }))
	}
	return root
}

func nothing(*cobra.Command, []string) {}

func describeDo() *cobra.Command {
	c := &cobra.Command{
		Use: "do [flags] CMD [ARGS...]", Short: "Run one command in a fresh sandbox and exit with its status",
		Long:    doAbout + "\n\n" + doStatus,
		Example: doExamples,
		Run:     nothing,
	}
	c.Flags().SetInterspersed(false)
	c.Flags().AddFlagSet(newDoFlags().set)
	return c
}

// describe is a verb as cobra sees it; words are what its first argument may be.
func (v *command) describe(words func() []string) *cobra.Command {
	c := &cobra.Command{Use: v.usage, Short: v.summary, Example: "  " + v.example, Run: nothing}
	v.flags(c.Flags())
	c.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 || v.max == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return words(), cobra.ShellCompDirectiveNoFileComp
	}
	return c
}

// ids are the containers that there are.
func (g *globals) ids() []string {
	if g.open() != nil {
		return nil
	}
	list, err := g.runtime().List()
	if err != nil {
		return nil
	}
	var ids []string
	for _, c := range list {
		ids = append(ids, c.ID)
	}
	return ids
}

// complete is what the scripts of completionVerb ask for.
func complete(g *globals, args []string) int {
	root := tree(g)
	root.SetArgs(args)
	if root.Execute() != nil {
		return 1
	}
	return 0
}

var completionVerb = command{
	name: "completion", usage: "completion bash|zsh|fish", summary: "Print a script that completes ditto's command line in a shell",
	example: "ditto completion bash > /etc/bash_completion.d/ditto", min: 1, max: 1, words: []string{"bash", "zsh", "fish"},
	flags: func(*pflag.FlagSet) func(*globals, []string) int {
		return func(g *globals, args []string) int { return g.done(writeCompletion(os.Stdout, args[0])) }
	},
}

func writeCompletion(w io.Writer, shell string) error {
	switch root := Tree(); shell {
	case "bash":
		return root.GenBashCompletionV2(w, true)
	case "zsh":
		return root.GenZshCompletion(w)
	case "fish":
		return root.GenFishCompletion(w, true)
	}
	return errors.New("completion: which shell? bash, zsh or fish, not " + fmt.Sprintf("%q", shell))
}
