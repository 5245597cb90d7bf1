//go:build tools

// Names the program that run.sh builds, so that its versions are pinned here.
package tools

import _ "github.com/summerwind/h2spec/cmd/h2spec"
